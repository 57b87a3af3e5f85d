import { accessSync, constants } from 'node:fs'

/** What a person types when there is no browser. */
export const installChromium: string =
  '.ci/install-debian-packages   (or set VIRTKIT_TEST_CHROMIUM=/path/to/chromium to one of yours)'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The program of a Chromium, or why there is none. */
export function findChromium(): { readonly program: string } | { readonly missing: string } {
  const given = process.env.VIRTKIT_TEST_CHROMIUM
  const program = (given ? [given] : places).find(isProgram)
  return program === undefined ? { missing: `there is no ${given ?? places.join(', no ')}` } : { program }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
