/** What the simulated server does otherwise than vSphere, by conformance case. An entry that is not needed any more fails the run. */
export const vcsimGaps: Readonly<Record<string, string>> = {
  'inventory.thin-space': 'vcsim counts a thin disk by its size, vSphere by what it holds',
  'snapshots.remove-current-branch': 'vcsim forgets the current snapshot where vSphere goes to its parent',
  'snapshots.rename': 'vcsim takes an empty description for none',
  'templates.clone-plain': 'vcsim clones every machine with BIOS',
}
