// This file declares the script of sample events, which the build writes: the first paint does not need them.

import type { Sample } from './tables'

export const samples: Sample[]
