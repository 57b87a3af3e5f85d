/** What we add to operations of the original, field by field in the words of `drift.test.ts`, each with its reason. */
export interface Additions {
  readonly params?: Readonly<Record<string, string>>
  readonly result?: Readonly<Record<string, string>>
}

export const additions: Readonly<Record<string, Additions>> = {
  'POST /callbacks': { result: { 'secret: string': 'deliveries are signed, and who receives them has to check that' } },
}
