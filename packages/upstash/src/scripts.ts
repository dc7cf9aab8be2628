/** Built from the scripts of core by `pnpm lua`: do not edit. */

export const shas: Readonly<Record<string, string>> = {
  // changes
  '91ac2ca79a0b6e058cc830bb42c6e27349a66d08': 'e0d1f57ab1e10abb50364326a846f520a8516b43',
  // cleanup
  '1a09db77a28a9b9bf1b49ff3243f55f967e29dd3': '804964751621a6368aa299cc6cd81a7c77e61151',
  // detail
  '648a96c9ef9c99f47c231c87d47cd3cbce4b1952': 'e89415337b8f2261e702940781f6825a74fb70a8',
  // documents
  '7235b5a3579846092c095d1157a3ff9659ea0c0f': 'eb55179e5e035c5deeb78d170971dd2cd005ea4b',
  // expired
  '9f301146d58fabd5181f6973699fa079ae4ad384': 'b823b7e4bbc8f239176e1fefcd477f148a7374e6',
  // heartbeat
  'cd5c082c6653bddc150e7f2e0d84ec7c6d76b16b': '26ededdad71a002874e2812f2dcd5f485d729d7d',
  // register
  'ec65d80e0903339c8af8d7c2725534b46a1e482a': 'f5b17d059260fde37c4c765d924ed5ddf883ddd8',
  // unregister
  '7e7b9d9cbd66884d2a5ce9b7149302314d816128': '6b9c27f5193e72d16f3483558f29e27b89e786a2',
  // update
  'f76acec11148757ee29edba0e0dfd8ab3d40dae3': '5843c4d47e957da0925adc3c7ebe4b208e99d339',
};
