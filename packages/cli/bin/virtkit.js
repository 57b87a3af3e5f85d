#!/usr/bin/env node
// Runs on any Node, however old, so that it can say so: nothing is imported before the version is known, because a native
// module that is too new for its Node ends the process without a word.
var version = process.versions.node.split('.').map(Number)
if (version[0] < 22 || (version[0] === 22 && version[1] < 12)) {
  console.error(
    'Virtkit needs Node 22.12 or newer; this is v' +
      process.versions.node +
      ' (' +
      process.execPath +
      ').\n' +
      'Install a newer Node from https://nodejs.org/en/download, or with a version manager: nvm install 24',
  )
  process.exitCode = 1
} else {
  import('../dist/main.js')
}
