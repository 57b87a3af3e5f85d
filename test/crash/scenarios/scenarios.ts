import { importScenarios } from './import-scenarios.ts'
import { installScenarios } from './install-scenarios.ts'
import { machineScenarios } from './machine-scenarios.ts'
import type { Scenario } from './scenario.ts'
import { snapshotScenarios } from './snapshot-scenarios.ts'
import { takeoversOf } from './takeover-scenarios.ts'

const first: readonly Scenario[] = [...installScenarios, ...machineScenarios, ...snapshotScenarios, ...importScenarios]

/** What is killed at every side effect. A new durable operation gets its lines here. */
export const scenarios: readonly Scenario[] = [...first, ...takeoversOf((name) => named(first, name))]

export function scenarioNamed(name: string): Scenario {
  return named(scenarios, name)
}

function named(list: readonly Scenario[], name: string): Scenario {
  const scenario = list.find((each) => each.name === name)
  if (!scenario) throw new Error(`there is no scenario ${name}`)
  return scenario
}
