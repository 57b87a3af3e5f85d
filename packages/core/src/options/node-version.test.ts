import { expect, it } from 'vitest'
import { refuseOldNode, refuseOldNodeForSqlite } from './node-version.ts'

it.each(['v20.20.2', 'v22.11.9', 'v8.0.0'])('refuses Node.js %s in plain words', (version) => {
  expect(() => refuseOldNode(version)).toThrow(`this is ${version}`)
})

it.each(['v22.12.0', 'v24.0.0', 'v100.1.0'])('accepts Node.js %s', (version) => {
  expect(() => refuseOldNode(version)).not.toThrow()
})

it.each(['v22.12.0', 'v22.13.1'])('opens no SQLite file on Node.js %s, which that would end', (version) => {
  expect(() => refuseOldNodeForSqlite(version)).toThrow(
    `better-sqlite3, which needs Node.js 22.14 or newer; this is ${version}`,
  )
})

it.each(['v22.14.0', 'v24.0.0'])('opens SQLite files on Node.js %s', (version) => {
  expect(() => refuseOldNodeForSqlite(version)).not.toThrow()
})
