// Repair by a person (docs/runbook.md): the function behind `npx leia-jobs`. Nobody may invoke it but whom the account
// itself lets.
import { Construct } from 'constructs';
import { askLeia, type Ground, keepApplications, keepJobs, releaseJobs } from './abilities.ts';
import { BundleFunction } from './bundle-function.ts';

export class Repair extends Construct {
  readonly repairJobs: BundleFunction;

  constructor(scope: Construct, id: string, ground: Ground) {
    super(scope, id);
    const abilities = [keepJobs, keepApplications, askLeia, releaseJobs];
    this.repairJobs = new BundleFunction(this, 'repair-jobs', { ground, abilities });
  }
}
