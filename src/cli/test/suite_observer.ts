/**
 * A run of cases, told to whoever shows it.
 */
import type { SuiteEvent } from "../../runtime/suite_runner.ts";
import type { RunObserver } from "./run_observer.ts";

/** Tells what happens, as it happens. */
export function suiteObserver(view: RunObserver): (event: SuiteEvent) => void {
  return (event) => {
    switch (event.kind) {
      case "suiteBegan":
        return view.begun({ total: event.cases });
      case "caseBegan":
        return view.caseBegun(event);
      case "step":
        return view.step(event.text);
      case "frame":
        return;
      case "caseEnded":
        return view.caseEnded(event.report);
      case "suiteEnded":
        return view.ended(event.report);
    }
  };
}
