import assert from 'node:assert/strict'
import type { SnapshotInfo, SnapshotOperations, SnapshotRequest, SnapshotTree } from '../../driver/snapshot-operations.ts'
import type { Lab, LabMachine } from '../lab.ts'

/** A machine and its snapshots, in the steps that the cases are made of. */
export class SnapshotSteps {
  readonly lab: Lab
  readonly machine: LabMachine
  readonly snapshots: SnapshotOperations

  constructor(lab: Lab, machine: LabMachine) {
    this.lab = lab
    this.machine = machine
    this.snapshots = lab.hypervisor.snapshots ?? assert.fail('the snapshots facet is gone')
  }

  async take(name: string, more: Partial<SnapshotRequest> = {}): Promise<string> {
    const request = { name, description: `about ${name}`, memory: false, quiesce: false, ...more }
    return (await this.snapshots.create(this.machine, request, this.lab.call())).id
  }

  tree(): Promise<SnapshotTree> {
    return this.snapshots.list(this.machine.ref, this.lab.call())
  }

  async info(id: string): Promise<SnapshotInfo> {
    return (await this.tree()).snapshots.find((each) => each.id === id) ?? assert.fail(`there is no snapshot ${id}`)
  }

  revert(id: string): Promise<void> {
    return this.snapshots.revert(this.machine, id, this.lab.call())
  }

  remove(id: string, options: { children: boolean } = { children: false }): Promise<void> {
    return this.snapshots.remove(this.machine, id, options, this.lab.call())
  }

  /** Checks names, parents and `current`, in any order but parents before children. */
  async assertTree(expected: Readonly<Record<string, string | undefined>>, current: string | undefined): Promise<void> {
    const tree = await this.tree()
    const names = new Map(tree.snapshots.map((each) => [each.id, each.name]))
    const found = Object.fromEntries(tree.snapshots.map((each) => [each.name, each.parent && names.get(each.parent)]))
    assert.deepEqual(found, { ...expected }, 'the tree is another')
    assert.equal(tree.current && names.get(tree.current), current, 'current is another')
    const seen = new Set<string>()
    for (const each of tree.snapshots) {
      assert.ok(each.parent === undefined || seen.has(each.parent), `${each.name} comes before its parent`)
      seen.add(each.id)
    }
  }
}
