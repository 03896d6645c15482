import { applyPolicy, planPolicy } from '../../engine/operations/apply-policy.ts';
import { sqliteJobNamed } from '../../engine/settings-store.ts';
import { routes } from '../implement.ts';

export const retentionRoutes = {
  plan: routes.retention.plan.handler(({ context: { host }, input: { asOf, job } }) => {
    const engine = host.engine();
    return planPolicy(engine, sqliteJobNamed(engine.settings.current, job), asOf);
  }),
  preview: routes.retention.preview.handler(({ context: { host }, input: { job, policy } }) => {
    const engine = host.engine();
    return planPolicy(engine, { ...sqliteJobNamed(engine.settings.current, job), retention: policy }, undefined);
  }),
  apply: routes.retention.apply.handler(({ context: { host }, input: { job } }) => {
    const engine = host.engine();
    return applyPolicy(engine, sqliteJobNamed(engine.settings.current, job));
  }),
};
