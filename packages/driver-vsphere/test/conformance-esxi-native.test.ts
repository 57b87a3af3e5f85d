import { native } from '../src/index.ts'
import { describeVcsim } from './describe-vcsim.ts'

await describeVcsim('esxi', native())
