/** How long the parts of a guest's life take, in milliseconds of the guest's clock. */
export interface GuestPace {
  /** From power on to the first boot device. */
  readonly firmwareMs: number
  /** From the kernel's start until its user space runs. */
  readonly kernelMs: number
  /** Partitioning and making file systems. */
  readonly partitionMs: number
  /** Unpacking the base system. */
  readonly baseSystemMs: number
  /** Installing the packages asked for. */
  readonly packagesMs: number
  /** Boot loader and tidying up. */
  readonly bootLoaderMs: number
  /** From the boot loader of the disk until services start. */
  readonly bootMs: number
  /** Between two tries of what failed. */
  readonly retryMs: number
  /** Tries of what an installer or a first boot must fetch before it gives up. */
  readonly tries: number
}

/** As long as a small server takes on ordinary storage: about nine minutes. */
export const defaultPace: GuestPace = {
  firmwareMs: 12_000,
  kernelMs: 20_000,
  partitionMs: 30_000,
  baseSystemMs: 210_000,
  packagesMs: 180_000,
  bootLoaderMs: 25_000,
  bootMs: 30_000,
  retryMs: 5_000,
  tries: 60,
}

/** About a second and a half from power on to the installed system. */
export const fastPace: GuestPace = {
  firmwareMs: 50,
  kernelMs: 100,
  partitionMs: 100,
  baseSystemMs: 500,
  packagesMs: 400,
  bootLoaderMs: 100,
  bootMs: 150,
  retryMs: 200,
  tries: 60,
}
