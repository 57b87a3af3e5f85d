import ts from 'typescript'

/** A field of an interface: its type as written, and what its comment says. */
export interface Member {
  readonly name: string
  readonly type: string
  readonly isOptional: boolean
  readonly doc: string
}

/** The fields of an interface of a source, in its order. Throws when there is none of that name. */
export function membersOf(source: string, name: string): Member[] {
  const { statements } = ts.createSourceFile('source.ts', source, ts.ScriptTarget.ES2024, true)
  const found = statements.find((each) => ts.isInterfaceDeclaration(each) && each.name.text === name)
  if (!found) throw new Error(`there is no interface ${name}`)
  return (found as ts.InterfaceDeclaration).members.filter(ts.isPropertySignature).map((member) => ({
    name: member.name.getText(),
    type: oneLine(member.type?.getText() ?? 'unknown'),
    isOptional: member.questionToken !== undefined,
    doc: docOf(member),
  }))
}

/** The entries of an object that a constant is set to: `INVALID_INPUT: 400`. */
export function entriesOf(source: string, name: string): Map<string, string> {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.ES2024, true)
  const declarations = file.statements.filter(ts.isVariableStatement).flatMap((each) => each.declarationList.declarations)
  const value = declarations.find((each) => each.name.getText() === name)?.initializer
  if (!value || !ts.isObjectLiteralExpression(value)) throw new Error(`there is no object ${name}`)
  return new Map(
    value.properties.filter(ts.isPropertyAssignment).map((each) => [each.name.getText(), each.initializer.getText()]),
  )
}

function docOf(node: ts.Node): string {
  return ts
    .getJSDocCommentsAndTags(node)
    .map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? '')
    .map(oneLine)
    .join(' ')
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
