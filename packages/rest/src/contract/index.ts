/** The API as data: import it to generate, check or call. It needs zod and nothing else. */
export { type Contract, apiVersion, base, contract } from './contract.ts'
export type { BodyOf, OperationContract, ParamsOf, QueryOf, Resource, ResultOf } from './operation.ts'
export { type OpenApiOptions, renderOpenApi } from './openapi.ts'
export type { OpenApiDocument } from './openapi-document.ts'
