namespace Orchestrator.Decisions.Runners;

/// <summary>
/// Which hosts are to be declared dead: those whose lease was found lapsed at two looks in a row, with the same epoch. One
/// look is not enough: after the whole machine slept, every lease is lapsed, and its holder needs a moment to renew.
/// </summary>
public sealed class LapseWatch
{
    private HashSet<(string Host, long Epoch)> before = [];

    /// <summary>Takes what is lapsed now; returns what was lapsed at the look before as well.</summary>
    public IReadOnlyList<(string Host, long Epoch)> Look(
        IEnumerable<(string Host, long Epoch)> lapsed
    )
    {
        var now = lapsed.ToHashSet();
        var dead = now.Where(before.Contains).ToList();
        before = now;
        return dead;
    }
}
