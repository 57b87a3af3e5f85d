import { isLinuxKernel } from '../boot-images.ts'
import { FetchFailed, shownUrl } from '../fetch-failed.ts'
import { IpxeError } from './ipxe-machine.ts'
import type { IpxeImage, IpxeMachine, IpxeOutcome } from './ipxe-machine.ts'
import type { IpxeNetwork } from './ipxe-network.ts'
import { readIpxeOptions } from './ipxe-options.ts'
import { isIpxeScript, maximumScriptBytes } from './ipxe-script.ts'
import type { IpxeSettings } from './ipxe-settings.ts'

/** What a command may touch. */
export interface IpxeState {
  readonly machine: IpxeMachine
  readonly settings: IpxeSettings
  readonly network: IpxeNetwork
  readonly images: IpxeImage[]
  /** The image that `boot` starts. */
  selected: IpxeImage | undefined
}

/** What the script does after a command that succeeded. Nothing: goes on with the next. */
export type IpxeEffect =
  | undefined
  | { readonly go: string }
  | { readonly leave: 'success' | 'failure' }
  | { readonly end: IpxeOutcome }
  | { readonly run: string; readonly replace: boolean }

/** Throws `IpxeError` or `FetchFailed` when it fails. */
export type IpxeCommand = (words: readonly string[], state: IpxeState) => Promise<IpxeEffect | void> | IpxeEffect | void

const imageOptions = { name: 'n=', timeout: 't=', autofree: 'a', replace: 'r' }

/** The commands that a boot script may use (https://ipxe.org/cmd); any other fails, as one that iPXE was built without. */
export const ipxeCommands: Readonly<Record<string, IpxeCommand>> = {
  echo: (words, { machine }) => machine.print(words.filter((word) => word !== '-n').join(' ')),
  set: ([name, ...value], { settings }) => settings.store(required(name), value.join(' ')),
  clear: ([name], { settings }) => settings.store(required(name), ''),
  isset: (words) => assert(words.length === 1 && words[0] !== '', 'No such file or directory'),
  iseq: ([left, right]) => assert(left === right, 'Value does not match'),
  inc: ([name, by = '1'], { settings }) =>
    settings.store(required(name), String(Number(settings.read(required(name)) ?? 0) + Number(by))),
  sleep: async ([seconds], { machine }) => {
    assert(/^\d+$/.test(seconds ?? ''), 'Invalid argument')
    await machine.clock.sleep(Number(seconds) * 1000, machine.signal)
  },
  prompt: async (words, { machine }) => {
    const options = readIpxeOptions(words, { key: 'k=', timeout: 't=' })
    machine.print(options.words.join(' '))
    if (!options.has('timeout')) return { end: { kind: 'shell' } }
    await machine.clock.sleep(Number(options.value('timeout')), machine.signal)
    throw new IpxeError('Connection timed out')
  },
  ifopen: (words, { network }) => network.open(words),
  ifclose: (words, { network }) => network.close(words),
  iflinkwait: () => undefined,
  ifconf: (words, { network }) => network.configure(readIpxeOptions(words, { configurator: 'c=', timeout: 't=' }).words),
  dhcp: (words, { network }) => network.configure(words),
  ifstat: (_, { machine, network }) => network.describe().forEach((line) => machine.print(line)),
  route: (_, { machine, network }) => network.describe().forEach((line) => machine.print(line)),
  goto: ([label]) => ({ go: required(label) }),
  exit: ([status = '0']) => ({ leave: Number(status) === 0 ? 'success' : 'failure' }),
  reboot: () => ({ end: { kind: 'reboot' } }),
  poweroff: () => ({ end: { kind: 'poweroff' } }),
  shell: () => ({ end: { kind: 'shell' } }),
  kernel: async (words, state) => {
    const image = await download(words, state)
    assert(isLinuxKernel(image.bytes) || isIpxeScript(image.bytes), 'Exec format error')
    state.selected = image
  },
  initrd: async (words, state) => void (await download(words, state)),
  imgargs: ([name, ...args], state) => {
    find(state, required(name)).arguments = args.join(' ')
  },
  imgselect: ([name], state) => {
    state.selected = find(state, required(name))
  },
  imgstat: (_, { machine, images }) =>
    images.forEach((image) => machine.print(`${image.name} : ${image.bytes.length} bytes`)),
  imgfree: ([name], state) => {
    const freed = name === undefined ? [...state.images] : [find(state, name)]
    for (const image of freed) state.images.splice(state.images.indexOf(image), 1)
    if (state.selected && freed.includes(state.selected)) state.selected = undefined
  },
  boot: async (words, state) => {
    const { words: rest } = readIpxeOptions(words, imageOptions)
    if (rest[0] !== undefined) {
      const known = state.images.find((image) => image.name === rest[0])
      state.selected = known ?? (await download(rest, state))
      if (known && rest.length > 1) known.arguments = rest.slice(1).join(' ')
    }
    return start(state.selected, state, false)
  },
  chain: async (words, state) => {
    const options = readIpxeOptions(words, imageOptions)
    const known = state.images.find((image) => image.name === options.words[0])
    return start(known ?? (await download(words, state)), state, options.has('replace'))
  },
  sanboot: (words, { machine }) => {
    const options = readIpxeOptions(words, { drive: 'd=', filename: 'f=', 'no-describe': 'n', keep: 'k' })
    assert(options.words.length === 0, 'Operation not supported')
    assert(Number(options.value('drive') ?? 0x80) === 0x80, 'No such device')
    assert(machine.diskBoots(), 'No bootable disk')
    return { end: { kind: 'disk' } }
  },
}

/** Other names of the same commands. */
export const ipxeAliases: Readonly<Record<string, string>> = {
  imgfetch: 'initrd',
  module: 'initrd',
  imgload: 'kernel',
  imgexec: 'chain',
}

async function download(words: readonly string[], state: IpxeState): Promise<IpxeImage> {
  const options = readIpxeOptions(words, imageOptions)
  const [url, ...args] = options.words
  const target = required(url)
  state.network.assertReachable()
  try {
    const bytes = await state.machine.fetch(target, state.machine.signal)
    state.machine.print(`${shownUrl(target)}... ok`)
    const name = options.value('name') ?? decodeURIComponent(target.split(/[?#]/, 1)[0]?.split('/').at(-1) ?? '')
    const image: IpxeImage = { name, bytes, arguments: args.join(' ') }
    state.images.push(image)
    return image
  } catch (error) {
    if (error instanceof FetchFailed) state.machine.print(`${shownUrl(target)}... ${error.message}`)
    throw error
  }
}

function start(image: IpxeImage | undefined, state: IpxeState, replace: boolean): IpxeEffect {
  if (!image) throw new IpxeError('No such file or directory')
  if (isIpxeScript(image.bytes)) {
    assert(image.bytes.length <= maximumScriptBytes, 'Out of memory')
    // A script that was started is no longer among the images, so it never ends up in the kernel's initial RAM disk.
    state.images.splice(state.images.indexOf(image), 1)
    return { run: Buffer.from(image.bytes).toString('utf8'), replace }
  }
  assert(isLinuxKernel(image.bytes), 'Exec format error')
  return { end: { kind: 'kernel', kernel: image, initrds: state.images.filter((other) => other !== image) } }
}

function find(state: IpxeState, name: string): IpxeImage {
  const image = state.images.find((candidate) => candidate.name === name)
  if (!image) throw new IpxeError(`"${name}": no such image`)
  return image
}

function required(word: string | undefined): string {
  if (word === undefined || word === '') throw new IpxeError('Invalid argument')
  return word
}

function assert(holds: boolean, message: string): undefined {
  if (!holds) throw new IpxeError(message)
}
