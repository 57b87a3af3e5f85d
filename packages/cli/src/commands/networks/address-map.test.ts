import { expect, it } from 'vitest'
import { renderAddressMap } from './address-map.ts'

const network = { cidr: '10.20.0.0/25', ipreservationcidr: '', gateway: '10.20.0.1', excluded: ['10.20.0.8-10.20.0.9'] }

it('has a sign for each address; what is never handed out has none, and what is counted is what is drawn', () => {
  const addresses = [
    { ip: '10.20.0.2', state: 'used' },
    { ip: '10.20.0.3', state: 'held' },
    { ip: '10.20.0.70', state: 'quarantined' },
    // An imported machine's, where nothing is handed out.
    { ip: '10.20.0.9', state: 'used' },
  ] as const
  const lines = renderAddressMap({ network, addresses, columns: 100 })
  expect(lines).toEqual([
    `10.20.0.0    ${'  █▒···· █'}${'·'.repeat(54)}`,
    `10.20.0.64   ${'·'.repeat(6)}░${'·'.repeat(56)}`,
    '',
    '█ 2 used  ▒ 1 held  ░ 1 quarantined  · 120 free',
  ])
  expect(lines.join('').split('·').length - 2).toBe(120)
})

it('fits a narrow terminal', () => {
  const lines = renderAddressMap({ network, addresses: [], columns: 50 })
  expect(lines.slice(0, 5).map((line) => line.slice(0, 10).trim())).toEqual([
    '10.20.0.0',
    '10.20.0.32',
    '10.20.0.64',
    '10.20.0.96',
    '',
  ])
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(50)
})

it('of a large network a sign stands for several addresses, and shows that one of them is used', () => {
  const wide = { cidr: '10.0.0.0/16', ipreservationcidr: '10.0.1.0/24', gateway: '', excluded: [] }
  const lines = renderAddressMap({ network: wide, addresses: [{ ip: '10.0.1.130', state: 'used' }], columns: 100 })
  expect(lines[0]).toBe(`10.0.0.0${' '.repeat(6 + 4)}··█·`)
  expect(lines.at(-1)).toBe('█ 1 used  ▒ 0 held  ░ 0 quarantined  · 255 free; a sign is 64 addresses')
  const six = { cidr: '2001:db8::/64', ipreservationcidr: '', gateway: '2001:db8::1', excluded: [] }
  const sixth = renderAddressMap({ network: six, addresses: [{ ip: '2001:db8::2', state: 'used' }], columns: 100 })
  expect(sixth.at(-1)).toBe(
    `█ 1 used  ▒ 0 held  ░ 0 quarantined  · ${2n ** 64n - 3n} free; a sign is ${2n ** 54n} addresses`,
  )
})

it('two addresses are both handed out', () => {
  const pair = { cidr: '10.0.0.0/31', ipreservationcidr: '', gateway: '', excluded: [] }
  expect(renderAddressMap({ network: pair, addresses: [], columns: 80 })[0]).toBe('10.0.0.0  ··')
})
