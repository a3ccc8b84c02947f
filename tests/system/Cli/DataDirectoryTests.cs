using Orchestrator.Silo.Storage;
using Xunit;

namespace Orchestrator.SystemTests.Cli;

/// <summary>What others may conclude from a data directory that a silo takes.</summary>
public sealed class DataDirectoryTests
{
    private const int Rounds = 300;

    [Fact]
    public async Task A_held_directory_never_shows_what_an_earlier_silo_left()
    {
        var root = SiloProcess.NewFolder();
        var left = Path.Combine(root, "silo.json");
        var (shown, round) = (0, 0);
        using var end = new CancellationTokenSource();
        // As a client looks: is the directory held, and is there a file?
        var looks = new Thread(() =>
        {
            while (!end.IsCancellationRequested)
            {
                var before = Volatile.Read(ref round);
                if (IsHeld(root) && File.Exists(left) && Volatile.Read(ref round) == before)
                {
                    Interlocked.Increment(ref shown);
                }
            }
        });
        looks.Start();
        while (Interlocked.Increment(ref round) <= Rounds)
        {
            await File.WriteAllTextAsync(left, "{}");
            using var taken = await DataDirectory.TakeAsync(root, "silo.json");
            Assert.False(File.Exists(left));
        }
        await end.CancelAsync();
        looks.Join();

        Assert.Equal(0, shown);
    }

    [Fact]
    public async Task Of_many_that_take_it_at_once_one_holds_it()
    {
        var root = SiloProcess.NewFolder();

        var takers = await Task.WhenAll(
            Enumerable
                .Range(0, 16)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        try
                        {
                            return await DataDirectory.TakeAsync(root, "silo.json");
                        }
                        catch (Grains.Storage.StorageException e)
                        {
                            Assert.Contains("Another silo", e.Message, StringComparison.Ordinal);
                            return null;
                        }
                    })
                )
        );

        using var holder = Assert.Single(takers.OfType<DataDirectory>());
    }

    private static bool IsHeld(string root)
    {
        try
        {
            using var free = new FileStream(
                Path.Combine(root, "silo.lock"),
                FileMode.Open,
                FileAccess.Read,
                FileShare.Read
            );
            return false;
        }
        catch (IOException)
        {
            return File.Exists(Path.Combine(root, "silo.lock"));
        }
    }
}
