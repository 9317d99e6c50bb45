/** What the model of the caches counted, a JSON document per line, and in which window. */
export const cacheFiles = { counts: 'caches.jsonl', window: 'caches.json' } as const;
