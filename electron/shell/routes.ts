/** The addresses of the page that the shell opens, behind its origin. */
export const routes = {
  overview: '#/',
  settings: '#/settings',
  jobs: '#/jobs',
  run: (id: string) => `#/history/${encodeURIComponent(id)}`,
  job: (name: string) => `#/history?job=${encodeURIComponent(name)}`,
  restore: (job?: string) => (job === undefined ? '#/restore?window' : `#/restore?window&job=${encodeURIComponent(job)}`),
} as const;
