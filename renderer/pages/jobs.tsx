import type { Route } from '../route.ts';
import { DestinationPage } from './jobs/destination-page.tsx';
import { JobPage } from './jobs/job-page.tsx';
import { JobsOverview } from './jobs/jobs-overview.tsx';
import { parseJobsPlace } from './jobs/jobs-place.ts';
import { NewDestination } from './jobs/new-destination.tsx';
import { NewJob } from './jobs/new-job.tsx';

/** The page "Jobs": the jobs and the places that they use, each of them, and new ones. */
export function JobsPage({ route }: { readonly route: Route }) {
  const place = parseJobsPlace(route.parts);
  switch (place.kind) {
    case 'list':
      return <JobsOverview />;
    case 'new-job':
      return <NewJob />;
    case 'new-destination':
      return <NewDestination />;
    case 'job':
      return <JobPage key={place.name} name={place.name} />;
    case 'destination':
      return <DestinationPage key={place.name} name={place.name} />;
  }
}
