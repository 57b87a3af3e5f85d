import type { Answer } from './terminal.ts'

export interface SessionLine {
  /** What somebody types; `HYPERVISOR` stands for where the simulated one answers. */
  readonly type: string
  readonly answers?: readonly Answer[]
  /** Said before it in the page. */
  readonly about?: string
}

const yes: readonly Answer[] = [{ when: /\[y\/N\] /, type: 'y' }]

/** A working day of somebody with a terminal: everything from a hypervisor's registration to a machine's end. */
export const sessionLines: readonly SessionLine[] = [
  {
    about: 'A hypervisor is registered after its credentials were tried. What it can do, and which privileges are missing:',
    type: 'virtkit clusters add lab --type simulated --address HYPERVISOR',
  },
  { type: 'virtkit clusters check lab' },
  {
    about: 'A network of it, a group that may use both, and what the group may have:',
    type: 'virtkit networks add lan --cluster lab --cidr 10.20.0.0/24 --gateway 10.20.0.1',
  },
  { type: 'virtkit groups add team-a --network lan --cluster lab' },
  { type: 'virtkit contingents set team-a --machines 2 --cpus 4 --memory 8GB --disk 100GB' },
  {
    about: 'A machine, first only said, then on paper, then installed. The bar moves while it is:',
    type: 'virtkit machines create web-1 --owner team-a --cluster lab --os debian-12 --cpus 2 --memory 4GB --disk 40GB --network lan --plan',
  },
  {
    type: 'virtkit machines create web-1 --owner team-a --cluster lab --os debian-12 --cpus 2 --memory 4GB --disk 40GB --network lan',
  },
  { type: 'virtkit machines install web-1' },
  { type: 'virtkit machines info web-1' },
  { type: 'virtkit networks show lan' },
  {
    about: 'Snapshots, and back to the first:',
    type: "virtkit snapshots create web-1 fresh --description 'as it was installed'",
  },
  { type: 'virtkit snapshots create web-1 later' },
  { type: 'virtkit snapshots tree web-1' },
  { type: 'virtkit snapshots revert web-1 fresh', answers: yes },
  {
    about: 'More than the group may have is refused, with what blocks it and the next step; scripts look at the exit code:',
    type: 'virtkit contingents show team-a',
  },
  {
    type: 'virtkit machines create web-2 --owner team-a --cluster lab --os debian-12 --cpus 4 --memory 16GB --disk 40GB; echo exit code $?',
  },
  {
    about: 'The end of the machine; its address and its share of the contingent are free again:',
    type: 'virtkit machines delete web-1',
    answers: yes,
  },
  { type: 'virtkit operations list' },
  { type: 'virtkit machines list' },
  { type: 'virtkit networks free lan' },
]
