using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces.Delivery;
using Orchestrator.Grains.Delivery;
using Orchestrator.Silo.Runners;

namespace Orchestrator.Silo.Delivery.RemoteClones;

/// <summary>The bare clones of remote repositories below <c>remotes</c> of the data directory: a cache, made again when it is missing or damaged.</summary>
internal sealed class RemoteCloneStore(
    GitCli git,
    RepositoryGates gates,
    Redactor redactor,
    string dataDirectory,
    TimeSpan timeMax
)
{
    private readonly ConcurrentDictionary<string, bool> mended = new(StringComparer.Ordinal);

    /// <summary>Enters the clone of a repository, alone in this silo; made or mended when needed.</summary>
    public async Task<RemoteClone> EnterAsync(
        RemoteRepository repository,
        PushAccess access,
        CancellationToken cancellationToken
    )
    {
        var folder = FolderOf(repository, access.Address);
#pragma warning disable CA2000 // the clone ends it, or the catch
        var turn = await gates.EnterAsync(folder, cancellationToken);
#pragma warning restore CA2000
        try
        {
            var clone = new RemoteClone(git, redactor, repository, access, folder, timeMax, turn);
            if (Directory.Exists(folder) && mended.TryAdd(folder, true))
            {
                Mend(folder);
                if (!await clone.IsWholeAsync(deep: false, cancellationToken))
                {
                    FolderRemoval.Once(folder);
                }
            }
            await clone.MakeAsync(cancellationToken);
            mended[folder] = true;
            return clone;
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    /// <summary>Where it lies: readable and safe on every file system, another one for each address.</summary>
    public string FolderOf(RemoteRepository repository, Uri address)
    {
        var readable = string.Concat(
            repository.Name.Select(c =>
                char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '-'
            )
        );
        var hash = SHA256.HashData(
            Encoding.UTF8.GetBytes((repository + "\n" + address.AbsoluteUri).ToLowerInvariant())
        );
        return Path.Combine(
            dataDirectory,
            "remotes",
            $"{(readable.Length > 40 ? readable[..40] : readable)}-{Convert.ToHexStringLower(hash)[..16]}"
        );
    }

    // What a killed git left. Nobody works in it: this silo enters it alone, and what outlived the last one is ended at start.
    private static void Mend(string folder)
    {
        foreach (
            var left in Directory
                .EnumerateFiles(folder, "*.lock", SearchOption.AllDirectories)
                .Concat(
                    Directory.Exists(Path.Combine(folder, "objects"))
                        ? Directory.EnumerateFiles(
                            Path.Combine(folder, "objects"),
                            "tmp_*",
                            SearchOption.AllDirectories
                        )
                        : []
                )
                .ToList()
        )
        {
            File.SetAttributes(left, FileAttributes.Normal);
            File.Delete(left);
        }
    }
}
