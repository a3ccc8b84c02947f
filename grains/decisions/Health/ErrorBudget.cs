using System.Globalization;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Decisions.Health;

/// <summary>Goals and what may go wrong within them.</summary>
public static class ErrorBudget
{
    /// <summary>How a goal stands.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="target">Share that must be good, 0 to 1.</param>
    /// <param name="good">How many were.</param>
    /// <param name="bad">How many were not.</param>
    /// <param name="windowDays">Over so many days.</param>
    public static SloLine Of(string name, double target, long good, long bad, int windowDays)
    {
        var total = good + bad;
        return new SloLine(
            name,
            target,
            total == 0 ? null : Math.Round((double)good / total, 4),
            good,
            bad,
            // Rounded first: 0.05 of 20 is 1, whatever binary fractions say.
            (long)Math.Floor(Math.Round((1 - target) * total, 6)),
            windowDays
        );
    }

    /// <summary>Judges it.</summary>
    /// <param name="line">How it stands.</param>
    /// <param name="eventsMin">With fewer nothing is said: one of three is no trend.</param>
    /// <param name="cure">When the budget is spent.</param>
    public static DoctorCheck Judge(SloLine line, int eventsMin, string cure)
    {
        ArgumentNullException.ThrowIfNull(line);
        var (name, total) = ("slo " + line.Name, line.Good + line.Bad);
        var message = string.Create(
            CultureInfo.InvariantCulture,
            $"{line.Bad} of {total} in {line.WindowDays} days were bad, {line.Allowed} may be (goal {line.Target:0.###})"
        );
        return total < eventsMin
                ? MachineChecks.Ok(name, $"{message}; too few to judge, {eventsMin} are wanted")
            : line.Bad > line.Allowed ? MachineChecks.Fail(name, message + ": burnt", cure)
            : line.Bad * 2 > line.Allowed && line.Bad > 0
                ? MachineChecks.Warn(name, message + ": more than half is spent", cure)
            : MachineChecks.Ok(name, message);
    }
}
