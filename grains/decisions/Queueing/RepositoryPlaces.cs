using Orchestrator.GrainInterfaces.Queueing;
using Orchestrator.GrainInterfaces.Runners;

namespace Orchestrator.Decisions.Queueing;

/// <summary>
/// Which hosts have which repositories, as they said themselves. A host is asked when a task waits for a repository that
/// nobody asked it about lately; what it lacks is asked again while somebody waits. Not thread-safe: the pool owns it.
/// </summary>
public sealed class RepositoryPlaces
{
    /// <summary>Repositories asked for in one question.</summary>
    public const int AskMax = 100;

    /// <summary>Answers kept, all hosts; beyond it the oldest are forgotten, and asked for again.</summary>
    public const int KnownMax = 10_000;

    /// <summary>So long a host is believed to have what it had.</summary>
    public static readonly TimeSpan BelievedFor = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan RefreshAfter = TimeSpan.FromSeconds(30);

    private readonly Dictionary<(string Host, string Repository), Known> known = new(
        new KeyComparer()
    );

    private sealed record Known(
        RepositoryAnswer? Answer,
        DateTimeOffset At,
        DateTimeOffset AskedAt
    );

    /// <summary>True when it can be worked in there, false when not, null when the host must be asked first.</summary>
    public bool? Has(HostCapacity host, string repository, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(repository);
        if (!host.TellsRepositories || repository.Length == 0)
        {
            return true;
        }
        return known.GetValueOrDefault((host.Host, repository)) is not { Answer: { } answer } found
                ? null
            : !answer.Usable ? false
            : now - found.At < BelievedFor ? true
            : null;
    }

    /// <summary>Why it cannot be worked in there; empty when nobody said so.</summary>
    public string Problem(string host, string repository) =>
        known.GetValueOrDefault((host, repository))?.Answer?.Problem ?? "";

    /// <summary>Those of the repositories that the host is to be asked about now; they count as asked.</summary>
    public IReadOnlyList<string> ToAsk(
        HostCapacity host,
        IEnumerable<string> repositories,
        DateTimeOffset now
    )
    {
        ArgumentNullException.ThrowIfNull(host);
        if (!host.TellsRepositories)
        {
            return [];
        }
        var asked = repositories
            .Where(r => r.Length > 0)
            .Distinct(StringComparer.Ordinal)
            .Select(r => (Repository: r, Found: known.GetValueOrDefault((host.Host, r))))
            .Where(r => r.Found is null || Wanted(r.Found, now))
            .OrderBy(r => r.Found?.AskedAt ?? DateTimeOffset.MinValue)
            .Take(AskMax)
            .ToList();
        foreach (var (repository, found) in asked)
        {
            known[(host.Host, repository)] = found is null
                ? new Known(null, now, now)
                : found with
                {
                    AskedAt = now,
                };
        }
        Shrink();
        return [.. asked.Select(r => r.Repository)];
    }

    /// <summary>What the host answered.</summary>
    public void Take(string host, IEnumerable<RepositoryAnswer> answers, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(answers);
        foreach (var answer in answers)
        {
            known[(host, answer.Repository)] = new Known(answer, now, now);
        }
        Shrink();
    }

    /// <summary>The host begins anew, or is gone: it may have others now.</summary>
    public void Forget(string host)
    {
        foreach (
            var key in known
                .Keys.Where(k => k.Host.Equals(host, StringComparison.OrdinalIgnoreCase))
                .ToList()
        )
        {
            known.Remove(key);
        }
    }

    // A clock that was set back must not silence it.
    private static bool Wanted(Known found, DateTimeOffset now) =>
        (now - found.AskedAt).Duration() >= AskAgain
        && (found.Answer is not { Usable: true } || (now - found.At).Duration() >= RefreshAfter);

    private void Shrink()
    {
        if (known.Count <= KnownMax)
        {
            return;
        }
        foreach (
            var key in known
                .OrderBy(k => k.Value.AskedAt)
                .Take(known.Count - (KnownMax / 2))
                .Select(k => k.Key)
                .ToList()
        )
        {
            known.Remove(key);
        }
    }

    // Hosts are the same in any case; paths are the host's to compare.
    private sealed class KeyComparer : IEqualityComparer<(string Host, string Repository)>
    {
        public bool Equals(
            (string Host, string Repository) x,
            (string Host, string Repository) y
        ) =>
            x.Host.Equals(y.Host, StringComparison.OrdinalIgnoreCase)
            && x.Repository.Equals(y.Repository, StringComparison.Ordinal);

        public int GetHashCode((string Host, string Repository) obj) =>
            HashCode.Combine(
                StringComparer.OrdinalIgnoreCase.GetHashCode(obj.Host),
                StringComparer.Ordinal.GetHashCode(obj.Repository)
            );
    }
}
