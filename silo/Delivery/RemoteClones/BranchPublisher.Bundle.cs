using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.Grains.Delivery;

namespace Orchestrator.Silo.Delivery.RemoteClones;

/// <content>Commits of a base branch, packed for a host whose repository does not have them.</content>
internal sealed partial class BranchPublisher
{
    private const long BundleMax = 64L * 1024 * 1024;

    /// <inheritdoc />
    public async Task<string> BundleAsync(
        RemoteRepository repository,
        string oldCommit,
        string newCommit,
        CancellationToken cancellationToken
    )
    {
        RequireHash(oldCommit);
        RequireHash(newCommit);
        return await WithCloneAsync(
            HostOf(repository),
            repository,
            async clone =>
            {
                foreach (var commit in (string[])[oldCommit, newCommit])
                {
                    if (!await clone.BringAsync(commit, cancellationToken))
                    {
                        throw new BranchPublishException(
                            PublishError.BaseUnknown,
                            $"{repository} has no commit {commit} (any more): its base branch was rewritten."
                        );
                    }
                }
                // A bundle holds refs, not commits; one clone makes one bundle at a time.
                const string Name = "refs/orchestrator/bundle";
                await git.RunAsync(
                    clone.Folder,
                    ["update-ref", Name, newCommit],
                    cancellationToken
                );
                var file = Path.Combine(clone.Folder, "orchestrator.bundle");
                try
                {
                    await git.RunAsync(
                        clone.Folder,
                        ["bundle", "create", "-q", file, Name, "^" + oldCommit],
                        cancellationToken
                    );
                    if (new FileInfo(file).Length > BundleMax)
                    {
                        throw new BranchPublishException(
                            PublishError.Refused,
                            $"The base branch of {repository} moved by more than a task can carry along (64 MiB). Update the repository on the hosts, then retry."
                        );
                    }
                    return await blobs.PutAsync(
                        await File.ReadAllBytesAsync(file, cancellationToken),
                        cancellationToken
                    );
                }
                finally
                {
                    File.Delete(file);
                }
            },
            cancellationToken
        );
    }
}
