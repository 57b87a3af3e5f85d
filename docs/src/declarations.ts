import { posix } from 'node:path'
import ts from 'typescript'

/** What a door hands out under a name. */
export interface Declaration {
  readonly name: string
  /** What its docstring says, in Markdown, with the example. */
  readonly prose: string
  /** As a `.d.ts` has it, the docstrings of members included. */
  readonly code: string
}

/** A name that is another package's own. */
export interface HandedOn {
  readonly name: string
  readonly from: string
}

type Statements = readonly ts.Statement[]

/**
 * Reads what the source of a door exports, through all files behind it. Every export has its type written down
 * (`isolatedDeclarations`), so that each file says its part without the others, and nothing is compiled.
 */
export class Exports {
  readonly declared: Declaration[] = []
  readonly handedOn: HandedOn[] = []
  readonly #read: (path: string) => string
  readonly #statements = new Map<string, Statements>()

  constructor(read: (path: string) => string, door: string) {
    this.#read = read
    for (const [name, found] of this.#exportsOf(door)) {
      if ('from' in found) this.handedOn.push({ name, from: found.from })
      else this.declared.push(describe(name, found.nodes))
    }
    this.declared.sort((one, other) => one.name.localeCompare(other.name, 'en'))
  }

  #exportsOf(path: string): Map<string, { from: string } | { nodes: ts.Statement[] }> {
    const found = new Map<string, { from: string } | { nodes: ts.Statement[] }>()
    for (const statement of this.#statementsOf(path)) {
      if (ts.isExportDeclaration(statement)) {
        const specifier = statement.moduleSpecifier && (statement.moduleSpecifier as ts.StringLiteral).text
        const source = specifier === undefined ? this.#importsOf(path) : () => specifier
        for (const [name, original, from] of namesOf(statement, source)) {
          if (from === undefined) found.set(name, { nodes: this.#named(path, original) })
          else if (!from.startsWith('.')) found.set(name, { from })
          else found.set(name, this.#exportsOf(fileAt(path, from)).get(original) ?? { nodes: [] })
        }
        const whole = statement.exportClause
        if (specifier?.startsWith('.') && (!whole || ts.isNamespaceExport(whole)))
          for (const [name, each] of this.#exportsOf(fileAt(path, specifier)))
            found.set(whole ? `${whole.name.text}.${name}` : name, each)
      } else if (isExported(statement)) {
        for (const name of declaredNames(statement)) found.set(name, { nodes: this.#named(path, name) })
      }
    }
    return found
  }

  #named(path: string, name: string): ts.Statement[] {
    return this.#statementsOf(path).filter((statement) => declaredNames(statement).includes(name))
  }

  #importsOf(path: string): (name: string) => string | undefined {
    const names = new Map<string, string>()
    for (const statement of this.#statementsOf(path)) {
      if (!ts.isImportDeclaration(statement)) continue
      const bindings = statement.importClause?.namedBindings
      if (bindings && ts.isNamedImports(bindings))
        for (const { name } of bindings.elements) names.set(name.text, (statement.moduleSpecifier as ts.StringLiteral).text)
    }
    return (name) => names.get(name)
  }

  #statementsOf(path: string): Statements {
    const known = this.#statements.get(path)
    if (known) return known
    const { outputText } = ts.transpileDeclaration(this.#read(path), {
      fileName: path,
      compilerOptions: { target: ts.ScriptTarget.ES2024, verbatimModuleSyntax: true },
    })
    const { statements } = ts.createSourceFile(path, outputText, ts.ScriptTarget.ES2024, true)
    this.#statements.set(path, statements)
    return statements
  }
}

const fileAt = (path: string, specifier: string): string => posix.join(posix.dirname(path), specifier)

/** Each name that is exported, what it is called where it comes from, and where that is. */
function namesOf(
  { exportClause }: ts.ExportDeclaration,
  source: (name: string) => string | undefined,
): (readonly [name: string, original: string, from: string | undefined])[] {
  if (!exportClause || !ts.isNamedExports(exportClause)) return []
  return exportClause.elements.map(({ name, propertyName }) => {
    const original = (propertyName ?? name).text
    return [name.text, original, source(original)] as const
  })
}

const isExported = (statement: ts.Statement): boolean =>
  ts.canHaveModifiers(statement) &&
  (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)

function declaredNames(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => (name as ts.Identifier).text)
  const { name } = statement as unknown as { name?: ts.Identifier }
  return name && !ts.isImportDeclaration(statement) ? [name.text] : []
}

function describe(name: string, nodes: readonly ts.Statement[]): Declaration {
  const prose = nodes.flatMap((node) => ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)).map(proseOf)
  const code = nodes.map((node) => inOurStyle(node.getText().replace(/^export (declare )?/, '')))
  return { name, prose: [...new Set(prose)].join('\n\n'), code: code.join('\n') }
}

/** Two spaces, no semicolons. */
function inOurStyle(code: string): string {
  return code.replaceAll(/^(?: {4})+/gm, (spaces) => spaces.slice(spaces.length / 2)).replaceAll(/;$/gm, '')
}

/** The text of a docstring, its tags as paragraphs. */
function proseOf(doc: ts.JSDoc): string {
  const lines = doc
    .getText()
    .replace(/^\/\*\*|\*\/$/g, '')
    .split('\n')
  const text = lines.map((line) => line.replace(/^\s*\* ?/, '').trimEnd()).join('\n')
  return text
    .replace(/^@example\n/m, '')
    .replace(/^@(\w+) /gm, '**$1** ')
    .trim()
}
