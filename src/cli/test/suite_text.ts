/**
 * A run of cases on a terminal or in a file of text: what happens, told to the view that shows it.
 */
import { systemClock } from "../../adapters/system_clock.ts";
import type { SuiteEvent } from "../../runtime/suite_runner.ts";
import type { TextOutput } from "../terminal.ts";
import { LiveView } from "./live_view.ts";

/** Prints what happens, as it happens. */
export function suiteTextObserver(out: TextOutput): (event: SuiteEvent) => void {
  const view = new LiveView(out, { clock: systemClock });
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
