import { type InputProblem, type TemplateOperations, notFound } from '@virtkit/spi'
import { retrieveBelow } from '../client/retrieve.ts'
import { flagAt } from '../client/xml/xml-tree.ts'
import { conflict } from '../errors.ts'
import { cloneMachine } from '../machines/clone-machine.ts'
import { findMade, findMachine, getOwned, inWords } from '../machines/find-machine.ts'
import { nameProblems, throwProblems } from '../machines/machine-input.ts'
import { checkKey } from '../machines/machine-mark.ts'
import { powerOf } from '../machines/machine-view.ts'
import type { Context } from './context.ts'

const pageSize = 500

/** Only a vCenter has templates and clones: an ESXi host by itself has neither. */
export function templateOperations({ session, book, maker }: Context): TemplateOperations {
  return {
    list: (call) =>
      session.perform(call, undefined, async (work) => {
        const { client, options } = work
        const wanted = [{ type: 'VirtualMachine', pathSet: ['config.template'] }]
        const refs: string[] = []
        for await (const page of retrieveBelow(client, client.service('rootFolder'), wanted, pageSize, options)) {
          refs.push(...page.filter(({ properties }) => flagAt(properties['config.template'])).map(({ ref }) => ref.id))
        }
        const found = await Promise.all(refs.map((ref) => findMachine(work, ref)))
        return Promise.all(found.filter((each) => each !== undefined).map((each) => inWords(work, book, each)))
      }),
    register: (owned, call) =>
      session.perform(call, { what: 'machine', id: owned.ref }, async (work) => {
        const { ref, properties } = await getOwned(work, owned, ['config.template'])
        if (flagAt(properties['config.template'])) return
        if (powerOf(properties) !== 'off') throw conflict('A machine must be off to become a template.', 'power')
        await work.change('MarkAsTemplate', ref)
      }),
    clone: (ref, spec, call) =>
      session.perform(call, { what: 'template', id: ref }, async (work) => {
        checkKey(call.key)
        const made = await findMade(work, call.key)
        const template = made ? undefined : await findMachine(work, ref)
        if (!made && !flagAt(template?.properties['config.template'])) throw notFound('template', ref)
        const problems: InputProblem[] = nameProblems(spec.name)
        const networks = spec.customisation?.networks.length ?? 0
        if (networks > spec.nics.length) {
          const problem = `${networks} networks for ${spec.nics.length} network cards`
          problems.push({ field: 'customisation.networks', problem })
        }
        throwProblems(problems)
        return inWords(work, book, await cloneMachine(work, maker, { made, template, spec, key: call.key }))
      }),
  }
}
