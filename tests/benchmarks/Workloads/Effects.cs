using System.Globalization;
using System.Text;

namespace Orchestrator.Benchmarks.Workloads;

/// <summary>One execution of a step, as its trace outside tells it.</summary>
/// <param name="Task">The task.</param>
/// <param name="Step">The step, 1 to 8.</param>
/// <param name="Pid">The process that ran it.</param>
/// <param name="At">When it began, UTC.</param>
internal sealed record Effect(int Task, int Step, int Pid, DateTimeOffset At);

/// <summary>
/// W4: what a step does outside, and how long it takes. A line in a file, which stays when its process is killed; then
/// 100 ms. At most so many handlers at once, as the workload says.
/// </summary>
internal sealed class Effects(string file, int handlers) : IDisposable
{
    /// <summary>What a step takes.</summary>
    public static readonly TimeSpan Takes = TimeSpan.FromMilliseconds(100);

    private readonly SemaphoreSlim free = new(handlers);
    private readonly Lock writing = new();
    private readonly FileStream lines = new(
        file,
        FileMode.Append,
        FileAccess.Write,
        FileShare.ReadWrite,
        bufferSize: 0
    );

    /// <summary>Runs a step.</summary>
    public async Task HappenAsync(int task, int step)
    {
        await free.WaitAsync();
        try
        {
            var at = TimeProvider.System.GetUtcNow().UtcTicks;
            var line = string.Create(
                CultureInfo.InvariantCulture,
                $"{task} {step} {Environment.ProcessId} {at}\n"
            );
            lock (writing)
            {
                lines.Write(Encoding.ASCII.GetBytes(line));
            }
            await Rest.ForAsync(Takes);
        }
        finally
        {
            free.Release();
        }
    }

    /// <summary>What happened so far, in the order of the file; a line that is not whole yet is left out.</summary>
    public static async Task<IReadOnlyList<Effect>> ReadAsync(string file)
    {
        if (!File.Exists(file))
        {
            return [];
        }
        await using var stream = new FileStream(
            file,
            FileMode.Open,
            FileAccess.Read,
            FileShare.ReadWrite
        );
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var text = await reader.ReadToEndAsync();
        return
        [
            .. text[..(text.LastIndexOf('\n') + 1)]
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(l => l.Split(' '))
                .Select(p => new Effect(
                    int.Parse(p[0], CultureInfo.InvariantCulture),
                    int.Parse(p[1], CultureInfo.InvariantCulture),
                    int.Parse(p[2], CultureInfo.InvariantCulture),
                    new DateTimeOffset(
                        long.Parse(p[3], CultureInfo.InvariantCulture),
                        TimeSpan.Zero
                    )
                )),
        ];
    }

    /// <inheritdoc />
    public void Dispose()
    {
        free.Dispose();
        lines.Dispose();
    }
}
