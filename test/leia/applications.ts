import type { Application } from './rules/model.ts';

const creation_time = Date.UTC(2018, 10, 7, 16, 2, 29, 761);

const application = (
  id: string,
  application_type: Application['application_type'],
  name: string,
  api_key: string,
): Application => ({
  id,
  api_key,
  application_type,
  application_name: name,
  email: `${name}@leia.example`,
  first_name: 'Local',
  last_name: name,
  default_job_callback_url: null,
  creation_time,
});

/** The applications that a local LEIA knows unless it is told others. Keys look like LEIA's: 33 lower-case alphanumerics. */
export const developer = application(
  '5dceca1246eac2df484031de',
  'developer',
  'developer',
  'd0local1leia2developer3key4aaaaaa',
);
export const secondDeveloper = application(
  '5dceca1246eac2df484031df',
  'developer',
  'second-developer',
  'd1local1leia2developer3key4bbbbbb',
);
export const admin = application('5dceca1246eac2df484031d0', 'admin', 'admin', 'a0local1leia2admin3key4cccccccccc');
