import { expect, it } from 'vitest'
import { renderSnapshotTree } from './snapshot-tree.ts'

it('is drawn with its branches, and marks what the present state is built on', () => {
  const node = (path: string, iscurrent = false) => ({ path, iscurrent })
  const nodes = [
    node('/a', true),
    node('/a/b', true),
    node('/a/b/c'),
    node('/a/b/d', true),
    node('/a/e'),
    node('/a/e/f%2fg'),
    node('/h'),
  ]
  expect(renderSnapshotTree('web-1', nodes, ({ path }) => path.split('/').at(-1) ?? '')).toEqual([
    'web-1',
    '├─ a',
    '│  ├─ b',
    '│  │  ├─ c',
    '│  │  └─ d  ← here',
    '│  └─ e',
    '│     └─ f%2fg',
    '└─ h',
  ])
})

it('ends, also where two children of one have the same name', () => {
  const nodes = ['/a', '/a/b', '/a/b', '/a/b/c'].map((path) => ({ path, iscurrent: false }))
  expect(renderSnapshotTree('m', nodes, ({ path }) => path)).toEqual([
    'm',
    '└─ /a',
    '   ├─ /a/b',
    '   │  └─ /a/b/c',
    '   └─ /a/b',
  ])
})
