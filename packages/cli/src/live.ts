/** Shows what goes on changing, on the whole terminal, until somebody has seen enough. */
import type { View } from '@backend-registry/core';
import type { Io } from './io.ts';
import { Screen, type Size } from './screen.ts';

export interface Scene {
  /** What the screen shows now: no more lines than it has rows, none wider than it. */
  frame(size: Size): readonly string[];
  /** Told of a key, by its name. */
  press(key: string, size: Size): void;
  /** Called before each frame that no key has asked for. */
  tick?(size: Size): void;
}

/** @param everyMs between two frames. Resolves when `q` is pressed, or when the program is told to stop. */
export async function live(io: Io, scene: Scene, everyMs: number): Promise<void> {
  if (io.signal.aborted) return;
  let timer: NodeJS.Timeout | undefined;
  let screen: Screen | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      io.signal.addEventListener('abort', () => resolve(), { once: true });
      /** What a timer or a key throws ends the scene, and not the process with the terminal as it is. */
      const safely = (work: (size: Size) => void) => (): void => {
        try {
          if (screen !== undefined) work(screen.size);
        } catch (error) {
          reject(error);
        }
      };
      const draw = safely((size) => screen?.show(scene.frame(size)));
      const next = safely((size) => {
        scene.tick?.(size);
        draw();
      });
      const onKey = (key: string): void => {
        if (key === 'q') {
          resolve();
          return;
        }
        safely((size) => scene.press(key, size))();
        draw();
      };
      screen = new Screen(io, onKey, draw);
      timer = setInterval(next, everyMs);
      next();
    });
  } finally {
    clearInterval(timer);
    screen?.[Symbol.dispose]();
  }
}

/** Waits until there is something to show; `false` where the program was told to stop before. */
export function hasSeen(view: View, { signal }: Io): Promise<boolean> {
  const stopped = new Promise<false>((resolve) => {
    signal.addEventListener('abort', () => resolve(false), { once: true });
    if (signal.aborted) resolve(false);
  });
  return Promise.race([view.ready.then(() => true), stopped]);
}
