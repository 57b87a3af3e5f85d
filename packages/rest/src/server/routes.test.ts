import { expect, it } from 'vitest'
import type { OperationContract } from '../contract/operation.ts'
import { allowed, nameParams, routesOf } from './routes.ts'

const operation = (method: OperationContract['method'], path: string): [OperationContract, string] => [
  { method, path, title: path, permission: 'public', result: 'text', origin: 'virtkit' },
  `${method} ${path}`,
]

it('one path has all that is done there, whatever each calls its parameters', () => {
  const routes = routesOf([operation('GET', '/machines/:key/disks'), operation('POST', '/machines/:machine/disks')])
  expect(routes.map(({ path }) => path)).toEqual(['/machines/:p0/disks'])
  expect(allowed(routes[0]!)).toBe('GET, POST, HEAD, OPTIONS')
  expect([...routes[0]!.entries.values()].map(({ names }) => nameParams(names, { p0: '7' }))).toEqual([
    [['key', '7']],
    [['machine', '7']],
  ])
})

it('literal paths come before those with parameters, at every place', () => {
  const paths = ['/a/:x', '/a/:x/c', '/a/zz', '/a/Z', '/a/:x/:y', '/:x', '/a', '/a/b/:y']
  const sorted = routesOf(paths.map((path) => operation('GET', path))).map(({ path }) => path)
  expect(sorted).toEqual(['/a', '/a/Z', '/a/b/:p0', '/a/zz', '/a/:p0', '/a/:p0/c', '/a/:p0/:p1', '/:p0'])
})

it('two operations at one place are refused', () => {
  expect(() => routesOf([operation('GET', '/a/:x'), operation('GET', '/a/:y')])).toThrow('twice')
  expect(allowed(routesOf([operation('PUT', '/a')])[0]!)).toBe('PUT, OPTIONS')
})
