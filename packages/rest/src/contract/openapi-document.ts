import type { JsonSchema } from './json-schema.ts'

/** An OpenAPI 3.1 document: plain JSON. */
export interface OpenApiDocument {
  readonly openapi: string
  readonly info: Described
  readonly servers: readonly { readonly url: string }[]
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>
    readonly parameters: Described
    readonly responses: Readonly<Record<string, OpenApiResponse>>
    readonly securitySchemes: Described
  }
}

export interface OpenApiOperation {
  readonly operationId: string
  readonly parameters?: readonly Described[]
  readonly responses: Readonly<Record<string, OpenApiResponse>>
  readonly [more: string]: unknown
}

export interface OpenApiResponse {
  readonly $ref?: string
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>
  readonly [more: string]: unknown
}

/** A part of the document that nothing here looks into. */
export type Described = Readonly<Record<string, unknown>>
