// Written by `npm run cli-reference`; a test holds it against the program.

/** What `virtkit --help` prints, without the time that it takes to make the program. */
export const helpText: string = `Usage: virtkit [options] [command]

Provisions virtual machines: inventory, addresses, limits, installs.

Options:
  -V, --version               output the version number
  -h, --help                  display help for command

Commands:
  clusters|cluster            Hypervisors that are registered.
  networks|network            Their networks, and the addresses that are handed
                              out.
  machines|machine            Virtual machines: first on paper, then installed
                              or cloned.
  snapshots|snapshot          States of machines that one can go back to.
  operations|operation        Work that is under way, or was.
  templates|template          Machines that others are cloned from.
  profiles|profile            Presets of machines.
  groups|group                Groups of users, which own machines.
  users|user                  People.
  permissions|permission      What users may do.
  contingents|contingent      Limits of groups, and what they have used.
  callbacks|callback          URLs that are told of installs and deletions.
  notifications|notification  Who is told of what happens.
  mail                        The mail server that notifications go through.
  logs|log                    What was logged.
  audit                       Who did what, and whether the record of it is
                              whole.
  backup                      The whole installation in one file, and back.
  settings|setting            Settings of the installation, and what its
                              services log.
  license                     The limit on machines of all groups.
  eula                        The license agreement.
  updates|update              Newer versions.
  login [options] [url]       Logs in at a server, for all commands that follow.
  logout [options] [url]      Ends a login, at the server and here.
  quickstart [options]        Installs three machines on a simulated hypervisor
                              and shows what there is then. Run it again: it
                              goes on.
  serve [options]             Serves the API until it is interrupted.
  doctor [options]            Tells what this host lacks, and how to get it.
                              With the options of serve, what serve would lack.
  completion <shell>          Prints what a shell has to read to complete
                              commands and options.
  worker [options]            Works on what others have accepted, and takes
                              commands from a queue, until it is interrupted.
  simulator                   Things to try Virtkit with.
  driver                      For those who write drivers.
  help [command]              display help for command

Exit codes:
  0    done; with --no-wait, accepted
  1    it failed; what went wrong is on stderr, or with --json the last line
  2    the command line is wrong
  3    a check found something: books that do not agree, privileges or programs that are missing
  4    what was named is not there
  5    nobody is logged in, or it is not allowed
  6    it failed, and may have happened all the same: look before you do it again
  130  interrupted, and closed properly

Environment: VIRTKIT_URL, VIRTKIT_TOKEN or VIRTKIT_DATABASE (where to work), NO_COLOR, VIRTKIT_DEBUG=1 (as --verbose)
`
