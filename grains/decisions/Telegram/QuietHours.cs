namespace Orchestrator.Decisions.Telegram;

/// <summary>When what nobody asked for may be told. Answers to people are never held.</summary>
/// <param name="From">Local time at which quiet begins.</param>
/// <param name="Until">Local time at which it ends; the same as <paramref name="From"/> = there is none. May be on the next day.</param>
/// <param name="DigestEvery">Notices are gathered and told so often, counted from local midnight; zero = each at once.</param>
public sealed record QuietHours(TimeOnly From, TimeOnly Until, TimeSpan DigestEvery)
{
    /// <summary>When a notice that comes up now is told.</summary>
    /// <param name="now">The instant.</param>
    /// <param name="zone">Whose local time.</param>
    public DateTimeOffset DueOf(DateTimeOffset now, TimeZoneInfo zone)
    {
        ArgumentNullException.ThrowIfNull(zone);
        var local = TimeZoneInfo.ConvertTime(now, zone);
        var due = now;
        if (DigestEvery > TimeSpan.Zero)
        {
            var slots = Math.Floor(local.TimeOfDay / DigestEvery) + 1;
            due = now + (slots * DigestEvery - local.TimeOfDay);
        }
        var then = TimeZoneInfo.ConvertTime(due, zone);
        var time = TimeOnly.FromTimeSpan(then.TimeOfDay);
        // IsBetween includes the beginning, excludes the end, and goes over midnight.
        return From != Until && time.IsBetween(From, Until) ? due + (Until - time) : due;
    }

    /// <summary>True when notices may be told together.</summary>
    public bool Gathers => DigestEvery > TimeSpan.Zero || From != Until;
}
