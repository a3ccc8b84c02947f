using System.Collections.Concurrent;
using Orchestrator.GrainInterfaces.Failures;
using Orchestrator.GrainInterfaces.Runners;
using Orchestrator.Grains.Runners;

namespace Orchestrator.Silo.Runners;

/// <summary>Says which repositories this host may work in, by the same door that an attempt goes through.</summary>
internal sealed class HostRepositories(
    RepositoryDoor door,
    GitWorkspace workspace,
    TimeProvider time
) : IHostRepositories
{
    private const int LookMax = 100;
    private const int AtOnce = 4;
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(8);

    /// <inheritdoc />
    public async Task<IReadOnlyList<RepositoryAnswer>> LookAsync(
        IReadOnlyList<string> repositories,
        string baseBranch,
        CancellationToken cancellationToken
    )
    {
        using var end = new CancellationTokenSource(TimeMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            end.Token,
            cancellationToken
        );
        var answers = new ConcurrentBag<RepositoryAnswer>();
        try
        {
            await Parallel.ForEachAsync(
                repositories.Take(LookMax),
                new ParallelOptions
                {
                    MaxDegreeOfParallelism = AtOnce,
                    CancellationToken = either.Token,
                },
                async (repository, token) =>
                    answers.Add(await LookAsync(repository, baseBranch, token))
            );
        }
        catch (OperationCanceledException)
        {
            // Those that were seen are told; who asks, asks again for the others.
        }
        return [.. answers];
    }

    /// <summary>Looks at one.</summary>
    public async Task<RepositoryAnswer> LookAsync(
        string repository,
        string baseBranch,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var (real, problem) = await door.OpenAsync(repository, cancellationToken);
            if (problem is not null)
            {
                return new RepositoryAnswer(
                    repository,
                    false,
                    problem.Absent,
                    problem.Code,
                    problem.Message
                );
            }
            if (baseBranch.Length > 0)
            {
                await workspace.ResolveAsync(real, baseBranch, cancellationToken);
            }
            return new RepositoryAnswer(repository, true, false, "", "");
        }
        catch (Exception e) when (e is GitException or IOException or UnauthorizedAccessException)
        {
            return new RepositoryAnswer(
                repository,
                false,
                false,
                FailureCodes.RepositoryUnusable,
                e.Message
            );
        }
    }
}
