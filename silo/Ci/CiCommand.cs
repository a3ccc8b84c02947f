using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Decisions.Artifacts;
using Orchestrator.Decisions.Ci;
using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Redaction;
using Orchestrator.Silo.Runners;

namespace Orchestrator.Silo.Ci;

/// <summary>
/// <c>orchestrator-silo ci …</c>: judges the change that a checkout stands at, without a running silo: by the policy of the base
/// commit, for secrets, and its artifacts by their schema.
/// </summary>
/// <param name="folder">A folder of the checkout.</param>
/// <param name="output">For the answer.</param>
/// <param name="error">For what was wrong, and for annotations when the answer is JSON.</param>
/// <param name="variable">A variable of the environment.</param>
internal sealed class CiCommand(
    string folder,
    TextWriter output,
    TextWriter error,
    Func<string, string?> variable
)
{
    private const int Usage = 2;
    private const int ArtifactBytesMax = 64 * 1024 * 1024;
    private const int EventBytesMax = 16 * 1024 * 1024;
    private const int SummaryBytesMax = 1024 * 1024;
    private const string CodeQualityDefault = "gl-code-quality-report.json";

    private readonly Redactor redactor = new([]);

    /// <summary>
    /// 0 = nothing objects, 1 = an artifact or the policy file is broken, 2 = wrong usage, or nothing could be judged, 3 = the
    /// policy denies or a secret is added, 4 = with --strict: the policy asks.
    /// </summary>
    public int Run(IReadOnlyList<string> args)
    {
        if (CiOrder.Read(args, out var wrong) is not { } order)
        {
            return Wrong(wrong);
        }
        try
        {
            var known = CiBase.Of(variable, Event());
            var report = Judge(order, known);
            Answer(report, order, order.Annotations ?? known.System);
            return report.ExitCode;
        }
        catch (Exception e)
            when (e
                    is GitException
                        or IOException
                        or UnauthorizedAccessException
                        or ArgumentException
                        or NotSupportedException
            )
        {
            return Wrong(e.Message);
        }
    }

    private CiReport Judge(CiOrder order, CiBase known)
    {
        var top = new CheckoutGit(folder).Text("rev-parse", "--show-toplevel");
        if (top.Length == 0)
        {
            throw new GitException($"{folder} is in no git checkout. Run it in one.");
        }
        var git = new CheckoutGit(top);
        var change = CheckoutChange.Find(git, order, known);
        var path = order.Policy.Length > 0 ? order.Policy : CiOrder.PolicyDefault;
        var before = CheckoutChange.Blob(git, change.Base, path);
        var after = CheckoutChange.Blob(git, change.Head, path);
        if (order.Policy.Length > 0 && before.Length == 0 && after.Length == 0)
        {
            throw new GitException(
                $"{path} is a file neither of the base commit nor of the change. Name the policy by its path below the repository's root."
            );
        }
        List<CiFinding> findings = [];
        var policy = DefaultPolicy.Document;
        if (before.Length > 0)
        {
            var (read, _) = PolicyReader.Read(CheckoutChange.BlobText(git, before) ?? "", path);
            if (read is null)
            {
                findings.Add(CiJudge.BrokenBase(path));
            }
            policy = read ?? policy;
        }
        // Where the change left the base, the policy may have been another one: that is no change of this change's.
        var forked = CheckoutChange.Blob(git, change.From, path);
        findings.AddRange(CiJudge.PolicyChange(path, forked, after));
        if (after.Length > 0)
        {
            findings.AddRange(CiJudge.PolicyText(path, CheckoutChange.BlobText(git, after)));
        }
        var diff = change.Summary(git);
        var terms = new CiTerms(order.Kind, order.Requester, order.Repository, order.BaseBranch);
        findings.AddRange(CiJudge.Diff(policy, terms, diff));
        findings.AddRange(
            CiJudge.Secrets(
                new SecretScan(redactor, order.AllowMarked).Patch(
                    change.Patch(git),
                    CiReport.FindingsMax
                )
            )
        );
        findings.AddRange(Artifacts(order.Artifacts, top));
        return CiReport.Of(
            new CiSubject(
                change.Base,
                change.From,
                change.Head,
                change.BaseFrom,
                policy.Id,
                ReferenceEquals(policy, DefaultPolicy.Document) ? "" : path,
                diff.FilesTotal,
                diff.AddedLines,
                diff.DeletedLines
            ),
            findings,
            order.Strict,
            redactor
        );
    }

    // What is named must be one; of the folder that exports lie in, whatever says that it is one.
    private IEnumerable<CiFinding> Artifacts(IReadOnlyList<string> named, string top)
    {
        var folders = named.Count > 0 ? named : [Path.Combine(top, "results")];
        foreach (var place in folders)
        {
            var full = Path.GetFullPath(place, folder);
            if (!Path.Exists(full))
            {
                if (named.Count > 0)
                {
                    throw new FileNotFoundException($"{place} is not there (--artifacts).");
                }
                continue;
            }
            var files = Directory.Exists(full)
                ? Directory.EnumerateFiles(full, "*.json").Order(StringComparer.Ordinal)
                : (IEnumerable<string>)[full];
            foreach (
                var file in files.Where(f =>
                    !string.Equals(Path.GetFileName(f), "index.json", StringComparison.Ordinal)
                )
            )
            {
                var shown = Path.GetRelativePath(top, file).Replace('\\', '/');
                foreach (var finding in CiJudge.Artifact(shown, Check(file, named.Count > 0)))
                {
                    yield return finding;
                }
            }
        }
    }

    private static IReadOnlyList<string> Check(string file, bool named)
    {
        // What lies in the folder is the change's own to make: a link there could lead anywhere.
        if (!named && new FileInfo(file).LinkTarget is not null)
        {
            return [];
        }
        if (new FileInfo(file).Length > ArtifactBytesMax)
        {
            return [$"It is larger than {ArtifactBytesMax / 1024 / 1024} MiB."];
        }
        try
        {
            var text = File.ReadAllText(file);
            var artifact =
                JsonNode.Parse(text) is JsonObject root
                && root.ContainsKey("schema_version")
                && root.ContainsKey("task_id");
            return named || artifact
                ? ArtifactValidator.Check(Path.GetFileNameWithoutExtension(file), text)
                : [];
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return named ? ["It is no JSON, or a member stands twice in it."] : [];
        }
    }

    private string? Event()
    {
        var file = variable("GITHUB_EVENT_PATH");
        return
            file is { Length: > 0 }
            && File.Exists(file)
            && new FileInfo(file).Length <= EventBytesMax
            ? File.ReadAllText(file)
            : null;
    }

    private void Answer(CiReport report, CiOrder order, CiSystem system)
    {
        if (order.Json)
        {
            output.WriteLine(CiFiles.Json(report));
        }
        else
        {
            foreach (var line in CiWords.Lines(report))
            {
                output.WriteLine(line);
            }
        }
        // A runner reads both; JSON stays alone on stdout.
        foreach (var line in CiAnnotations.Lines(report, system))
        {
            (order.Json ? error : output).WriteLine(line);
        }
        if (order.Sarif.Length > 0)
        {
            Write(order.Sarif, CiFiles.Sarif(report));
        }
        if (order.CodeQuality.Length > 0 || system == CiSystem.GitLab)
        {
            Write(
                order.CodeQuality.Length > 0 ? order.CodeQuality : CodeQualityDefault,
                CiFiles.CodeQuality(report)
            );
        }
        if (variable("GITHUB_STEP_SUMMARY") is { Length: > 0 } summary)
        {
            var page = CiWords.Summary(report);
            if (
                Encoding.UTF8.GetByteCount(page)
                    + (File.Exists(summary) ? new FileInfo(summary).Length : 0)
                <= SummaryBytesMax
            )
            {
                File.AppendAllText(summary, page);
            }
        }
    }

    private void Write(string file, string text) =>
        File.WriteAllText(Path.GetFullPath(file, folder), text);

    private int Wrong(string words)
    {
        error.WriteLine("ci: " + CiText.Plain(redactor.Redact(words)));
        return Usage;
    }
}
