import type { Virtkit } from '@virtkit/core'
import type { Answers } from './check-answers.ts'
import { findOverlaps } from './check-answers.ts'
import type { Problem } from './finding.ts'
import type { SqlDoor } from './sql-door.ts'

interface AddressRow {
  readonly network: number
  readonly address: string
  readonly owner: string
  readonly state: string
}

interface CardRow {
  readonly key: number
  readonly network: number
  readonly cluster: number
  readonly ip: string | null
  readonly mac: string
}

/** No address and no MAC twice, neither in the tables nor in what clients were told; each card has its address and no other. */
export async function auditAddresses(kit: Virtkit, door: SqlDoor, answers: Answers): Promise<Problem[]> {
  const live = `state in ('used', 'held') and (expires_at is null or expires_at >= ${Date.now()})`
  const rows = await door.all<AddressRow>(
    `select network_key as network, address, owner, state from addresses where ${live}`,
  )
  const cards = await door.all<CardRow>(
    `select key, network_key as network, cluster_key as cluster, ip, mac from machine_networks`,
  )
  const problems: Problem[] = []
  const say = (check: Problem['check'], texts: readonly string[]): void =>
    void problems.push(...texts.map((text) => ({ check, text })))

  say('duplicate address', findOverlaps(answers.addresses))
  say('duplicate MAC', findOverlaps(answers.macs))
  say(
    'duplicate address',
    twice(rows, (row) => `row of network ${row.network}: ${row.address}`),
  )
  say(
    'duplicate MAC',
    twice(cards, (card) => `row of cluster ${card.cluster}: ${card.mac}`),
  )
  const withIp = cards.filter((card) => card.ip !== null)
  say(
    'duplicate address',
    twice(withIp, (card) => `cards on network ${card.network}: ${card.ip}`),
  )

  // The book as its own list tells it, for the second opinion: its texts are what cards and clients know.
  const networks = await door.all<{ key: number }>(`select key from networks where cidr is not null`)
  const listed: { network: number; address: string; owner: string }[] = []
  for (const { key } of networks) {
    const entries = await kit.addresses.list(kit.database.queries, key)
    listed.push(...entries.map(({ address, owner }) => ({ network: key, address, owner })))
  }
  const owned = new Map(listed.map((entry) => [`${entry.network} ${entry.owner}`, entry.address]))
  const inTable = new Set(rows.map((row) => `${row.network} ${row.owner}`))
  say('address book', [
    ...listed
      .filter(({ network, owner }) => !inTable.has(`${network} ${owner}`))
      .map(({ owner }) => `${owner} is listed and has no row`),
    ...[...inTable].filter((owner) => !owned.has(owner)).map((owner) => `${owner} has a row and is not listed`),
    ...withIp
      .filter((card) => owned.get(`${card.network} nic/${card.key}`) !== card.ip)
      .map((card) => `card ${card.key} has ${card.ip}, the book says ${owned.get(`${card.network} nic/${card.key}`)}`),
  ])
  const ofCards = new Set(withIp.map((card) => `nic/${card.key}`))
  say(
    'address book',
    rows
      .filter(({ owner }) => owner.startsWith('nic/') && !ofCards.has(owner))
      .map(({ owner }) => `${owner} has an address and is no card`),
  )
  // What somebody was told to have for good, and did not begin to give back, is theirs still.
  say(
    'lost answer',
    answers.addresses
      .filter(({ until }) => until === Infinity)
      .filter(({ what, owner }) => owned.get(`${what.split(' ')[0]} ${owner}`) !== what.split(' ')[1])
      .map(({ what, owner }) => `${owner} was given ${what} and has it no more`),
  )
  return problems
}

function twice<T>(items: readonly T[], name: (item: T) => string): string[] {
  return [...Map.groupBy(items, name)]
    .filter(([, all]) => all.length > 1)
    .map(([text, all]) => `${text}, ${all.length} times`)
}
