/** What a check looked at and what it objects to. Nothing looked at is an objection of its own. */
export interface Finding {
  readonly checked: number
  readonly breaches: readonly string[]
}

/** The objections, so that a test can expect none: also that there was nothing to check. */
export const objections = ({ checked, breaches }: Finding): readonly string[] =>
  checked === 0 ? [...breaches, 'checked nothing'] : breaches
