/** A piece of a word; what is quoted is neither split nor matched as a pattern. */
export type WordPart =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | {
      readonly kind: 'variable'
      readonly name: string
      readonly operator?: string
      readonly operand?: Word
      readonly quoted: boolean
    }
  | { readonly kind: 'command'; readonly source: string; readonly quoted: boolean }
  | { readonly kind: 'arithmetic'; readonly source: Word; readonly quoted: boolean }

export type Word = readonly WordPart[]

export interface Redirect {
  readonly descriptor: number
  readonly operator: '>' | '>>' | '<' | '>&' | '<<'
  /** A file, a descriptor, or the text of a here-document. */
  readonly target: Word
}

export interface SimpleCommand {
  readonly kind: 'simple'
  readonly assignments: readonly { readonly name: string; readonly value: Word }[]
  readonly words: readonly Word[]
  readonly redirects: readonly Redirect[]
}

export type ShellNode =
  | SimpleCommand
  | { readonly kind: 'list'; readonly items: readonly ListItem[] }
  | { readonly kind: 'pipeline'; readonly stages: readonly ShellNode[]; readonly negated: boolean }
  | {
      readonly kind: 'if'
      readonly branches: readonly { test: ShellNode; body: ShellNode }[]
      readonly otherwise?: ShellNode
    }
  | { readonly kind: 'while'; readonly until: boolean; readonly test: ShellNode; readonly body: ShellNode }
  | { readonly kind: 'for'; readonly name: string; readonly words: readonly Word[]; readonly body: ShellNode }
  | {
      readonly kind: 'case'
      readonly word: Word
      readonly clauses: readonly { patterns: readonly Word[]; body: ShellNode }[]
    }
  | { readonly kind: 'function'; readonly name: string; readonly body: ShellNode }
  | { readonly kind: 'group'; readonly body: ShellNode; readonly subshell: boolean }
  | { readonly kind: 'redirected'; readonly body: ShellNode; readonly redirects: readonly Redirect[] }

export interface ListItem {
  readonly node: ShellNode
  /** When it runs, seen from the status of what ran before it. */
  readonly when: 'always' | 'success' | 'failure'
  /** `&` stands behind it. */
  background?: boolean
}

/** The text is no shell script that we can read; the message says where. */
export class ShellSyntaxError extends Error {
  override readonly name = 'ShellSyntaxError'
}
