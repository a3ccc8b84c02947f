namespace Orchestrator.Silo.Redaction;

/// <summary>What a scan is asked for.</summary>
/// <param name="Paths">Files and folders; by default the current folder.</param>
/// <param name="Diff">A file with a unified diff, - for stdin, or nothing.</param>
/// <param name="Staged">Look at what git would commit.</param>
/// <param name="Json">Answer with one JSON object.</param>
internal sealed record ScanOrder(IReadOnlyList<string> Paths, string? Diff, bool Staged, bool Json)
{
    /// <summary>Reads the words behind the verb; nothing when they make no sense, and why.</summary>
    public static ScanOrder? Read(IReadOnlyList<string> args, out string wrong)
    {
        List<string> paths = [];
        string? diff = null;
        var (staged, json, literally) = (false, false, false);
        wrong = "";
        for (var i = 0; i < args.Count; i++)
        {
            switch (args[i])
            {
                case "--" when !literally:
                    literally = true;
                    break;
                case "--staged" when !literally:
                    staged = true;
                    break;
                case "--json" when !literally:
                    json = true;
                    break;
                case "--diff" when !literally:
                    if (++i == args.Count)
                    {
                        wrong = "--diff wants a file, or - for stdin.";
                        return null;
                    }
                    diff = args[i];
                    break;
                case ['-', '-', ..] when !literally:
                    wrong = $"unknown option {args[i]}. Known: --diff FILE|-, --staged, --json.";
                    return null;
                default:
                    paths.Add(args[i]);
                    break;
            }
        }
        if ((paths.Count > 0 ? 1 : 0) + (diff is null ? 0 : 1) + (staged ? 1 : 0) > 1)
        {
            wrong = "name paths, or --diff, or --staged: one of the three.";
            return null;
        }
        return new ScanOrder(paths.Count > 0 ? paths : ["."], diff, staged, json);
    }
}
