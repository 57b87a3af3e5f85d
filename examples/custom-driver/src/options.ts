import { Secret, type StandardSchema } from '@virtkit/spi'

// options {
/** What a cluster row of type `acme` holds: `password` is Acme's API token. */
export type AcmeOptions = { url: string; password: Secret }

/** Any Standard Schema will do: zod, valibot, arktype, or fifteen lines by hand. */
export const acmeOptions: StandardSchema<AcmeOptions> = {
  '~standard': {
    version: 1,
    vendor: 'acme',
    validate: (value) => {
      const { url, password }: { url?: unknown; password?: unknown } = Object(value)
      if (typeof url !== 'string' || !URL.canParse(url))
        return { issues: [{ path: ['url'], message: 'write a URL: acme://lab' }] }
      if (!(password instanceof Secret))
        return { issues: [{ path: ['password'], message: 'password holds the API token' }] }
      return { value: { url, password } }
    },
  },
}
// }
