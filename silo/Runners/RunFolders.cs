using System.Globalization;

namespace Orchestrator.Silo.Runners;

/// <summary>Folders and files that a run needs beside its worktree, all under the data directory and taken away with the attempt.</summary>
internal sealed class RunFolders(string dataDirectory, TimeProvider time)
{
    /// <summary>How long an agent's sessions are kept for a later turn.</summary>
    public static readonly TimeSpan SessionsKept = TimeSpan.FromDays(30);

    private readonly string temporary = Path.Combine(dataDirectory, "tmp");
    private readonly string scripts = Path.Combine(dataDirectory, "scripts");
    private readonly string guards = Path.Combine(dataDirectory, "guards");

    /// <summary>The data directory.</summary>
    public string Data => dataDirectory;

    /// <summary>The agent's configuration folder: the product's own, never the user's.</summary>
    public string Configuration
    {
        get
        {
            var folder = Path.Combine(dataDirectory, "claude");
            Private(folder);
            return folder;
        }
    }

    /// <summary>The attempt's temporary folder, made when missing. It is the run's home too.</summary>
    public string TemporaryOf(string taskId, int attempt)
    {
        var folder = Path.Combine(temporary, Name(taskId, attempt));
        Private(folder);
        return folder;
    }

    /// <summary>The folder of the attempt's guard, made when missing: not the run's own, and outside its worktree.</summary>
    public string GuardOf(string taskId, int attempt)
    {
        var folder = Path.Combine(guards, Name(taskId, attempt));
        Private(folder);
        return folder;
    }

    /// <summary>Writes the attempt's script; its full path.</summary>
    public string WriteScript(string taskId, int attempt, string text)
    {
        Directory.CreateDirectory(scripts);
        var script = Path.Combine(scripts, Name(taskId, attempt) + ".json");
        File.WriteAllText(script, text);
        return script;
    }

    /// <summary>Takes away what an attempt had. Harmless when there is nothing.</summary>
    public async Task RemoveAsync(string taskId, int attempt, CancellationToken cancellationToken)
    {
        var name = Name(taskId, attempt);
        if (Directory.Exists(scripts))
        {
            File.Delete(Path.Combine(scripts, name + ".json"));
        }
        await FolderRemoval.RemoveAsync(Path.Combine(guards, name), time, cancellationToken);
        await FolderRemoval.RemoveAsync(Path.Combine(temporary, name), time, cancellationToken);
    }

    /// <summary>At start, when nothing runs: temporary folders of an earlier life go, and sessions that nobody continued for <see cref="SessionsKept"/>.</summary>
    public void Clean()
    {
        foreach (var folder in (string[])[temporary, scripts, guards])
        {
            Quietly(() => FolderRemoval.Once(folder));
        }
        var configuration = Path.Combine(dataDirectory, "claude");
        if (!Directory.Exists(configuration))
        {
            return;
        }
        var oldest = (time.GetUtcNow() - SessionsKept).UtcDateTime;
        foreach (
            var file in Directory.EnumerateFiles(
                configuration,
                "*",
                new EnumerationOptions
                {
                    RecurseSubdirectories = true,
                    AttributesToSkip = FileAttributes.ReparsePoint,
                    IgnoreInaccessible = true,
                }
            )
        )
        {
            if (File.GetLastWriteTimeUtc(file) < oldest)
            {
                Quietly(() => File.Delete(file));
            }
        }
    }

    private static string Name(string taskId, int attempt) =>
        $"{taskId}-{attempt.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Makes a folder for the silo's user alone: sessions and temporary files hold what the agent saw.</summary>
    public static void Private(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }
        Directory.CreateDirectory(
            folder,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        );
    }

    private static void Quietly(Action remove)
    {
        try
        {
            remove();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Held by something: the next start tries again, and nobody needs it.
        }
    }
}
