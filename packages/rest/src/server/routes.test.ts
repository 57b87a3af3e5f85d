import { expect, it } from 'vitest'
import type { OperationContract } from '../contract/operation.ts'
import { PathFinder, allowed, nameParams, routesOf } from './routes.ts'

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

it('a request finds what is at its path, and what is said there, whatever its query', () => {
  const finder = new PathFinder<string>()
  for (const path of ['/v1/users/current', '/v1/users/:p0', '/v1/users/:p0/keys/:p1', '/v1/docs/:file?'])
    finder.put(path, path)
  const find = (path: string) => finder.find(new Request(`http://a.example${path}`))
  expect(find('/v1/users/current?x=1')).toEqual({ what: '/v1/users/current', values: {} })
  expect(find('/v1/users/7/')).toEqual({ what: '/v1/users/:p0', values: { p0: '7' } })
  expect(find('/v1/users/a%2Fb%25/keys/%C3%A4')?.values).toEqual({ p0: 'a/b%', p1: 'ä' })
  expect(find('/v1/users/%ff')?.values).toEqual({ p0: '%ff' })
  expect([find('/v1/docs')?.what, find('/v1/docs/a.js')?.values]).toEqual(['/v1/docs/:file?', { file: 'a.js' }])
  for (const path of ['/v1', '/v1/users', '/v1/users/7/keys', '/v1/docs/a/b']) expect(find(path)).toBeUndefined()
})
