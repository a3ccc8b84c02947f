namespace Orchestrator.SystemTests;

/// <summary>Waits for something in a folder by the folder's own signals.</summary>
internal static class FolderWait
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    /// <summary>Returns when the condition holds; fails with the words of what was missing.</summary>
    public static async Task UntilAsync(string folder, Func<bool> holds, string what)
    {
        Directory.CreateDirectory(folder);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watcher = new FileSystemWatcher(folder) { IncludeSubdirectories = true };
        void Look()
        {
            try
            {
                if (holds())
                {
                    done.TrySetResult();
                }
            }
            catch (IOException)
            {
                // Written at this moment: its end is another signal.
            }
        }
        watcher.Created += (_, _) => Look();
        watcher.Changed += (_, _) => Look();
        watcher.Renamed += (_, _) => Look();
        watcher.Deleted += (_, _) => Look();
        watcher.EnableRaisingEvents = true;
        Look();
        try
        {
            await done.Task.WaitAsync(Deadline);
        }
        catch (TimeoutException)
        {
            var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories);
            throw new TimeoutException(
                $"{what} did not come within {Deadline.TotalSeconds} s in {folder}; there are: {string.Join(", ", files)}"
            );
        }
    }

    /// <summary>Waits for a file.</summary>
    public static Task FileAsync(string path) =>
        UntilAsync(Path.GetDirectoryName(path)!, () => File.Exists(path), path);

    /// <summary>Waits for a line of events.ndjson that holds all the words.</summary>
    public static Task EventAsync(string data, params string[] words)
    {
        var events = Path.Combine(data, "logs", "events.ndjson");
        return UntilAsync(
            Path.Combine(data, "logs"),
            () =>
                File.Exists(events)
                && File.ReadLines(events)
                    .Any(l => words.All(w => l.Contains(w, StringComparison.Ordinal))),
            "an event with " + string.Join(" and ", words)
        );
    }
}
