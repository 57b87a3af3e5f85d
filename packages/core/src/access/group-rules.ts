import { z } from 'zod'
import { keysField, nameField } from '../options/fields.ts'
import { parseWith } from '../options/problems.ts'

const fields = { name: nameField, users: keysField, networks: keysField, clusters: keysField }
const newGroup = z.strictObject({
  name: nameField,
  users: keysField.default([]),
  networks: keysField.default([]),
  clusters: keysField.default([]),
})
const groupChange = z.strictObject(fields).partial()

export interface NewGroup {
  readonly name: string
  readonly users: readonly number[]
  readonly networks: readonly number[]
  readonly clusters: readonly number[]
}

export function parseNewGroup(input: unknown): NewGroup {
  return parseWith(newGroup, input)
}

export function parseGroupChange(input: unknown): Partial<NewGroup> {
  return parseWith(groupChange, input)
}
