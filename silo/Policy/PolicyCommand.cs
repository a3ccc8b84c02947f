using System.Text.Json.Nodes;
using Orchestrator.Decisions.Policy;
using Orchestrator.Decisions.Tasks;
using Orchestrator.GrainInterfaces.Policy;

namespace Orchestrator.Silo.Policy;

/// <summary>
/// <c>orchestrator-silo policy check|test FILE</c> and <c>policy explain --type …</c>: answer from the text alone, without a
/// running silo.
/// </summary>
internal sealed class PolicyCommand(TextWriter output, TextWriter error, bool colour)
{
    private const int Good = 0;
    private const int Failed = 1;
    private const int Usage = 2;
    private const int Denied = 3;
    private const int NeedsApproval = 4;
    private const int Red = 31;
    private const int Green = 32;
    private const int Yellow = 33;

    private const string Help =
        "Usage: policy check FILE [--json] | policy test FILE [--json] | policy explain --type TYPE [--file FILE] [--requester NAME] [--repo PATH] [--base BRANCH] [--path PATH ...] [--change KIND] [--target PATH] [--from PATH] [--lines N] [--files N] [--risk RISK] [--model NAME] [--first-time] [--json]";

    /// <summary>0 = good or allowed, 1 = an example does not hold, 2 = wrong usage or a broken policy, 3 = denied, 4 = needs approval.</summary>
    public int Run(IReadOnlyList<string> args)
    {
        var json = args.Contains("--json");
        return args.Where(a => a != "--json").ToList() switch
        {
            ["check", var file] => Check(file, json),
            ["test", var file] => Test(file, json),
            ["explain", .. var rest] => Explain(rest, json),
            _ => Wrong(Help),
        };
    }

    private int Check(string file, bool json)
    {
        if (Load(file, json) is not { } policy)
        {
            return Usage;
        }
        if (json)
        {
            Write(
                new JsonObject
                {
                    ["file"] = file,
                    ["policy"] = policy.Id,
                    ["problems"] = new JsonArray(),
                }
            );
        }
        else
        {
            output.WriteLine(
                $"{file}: {Paint("OK", Green)}. {policy.Id}: lanes {string.Join(", ", policy.LaneNames)}; {policy.RuleCount} rules, {policy.ExampleCount} tests ('policy test' runs them)."
            );
        }
        return Good;
    }

    private int Test(string file, bool json)
    {
        if (Load(file, json) is not { } policy)
        {
            return Usage;
        }
        var failed = PolicyExplainer.Test(policy);
        if (json)
        {
            Write(
                new JsonObject
                {
                    ["file"] = file,
                    ["policy"] = policy.Id,
                    ["tests"] = policy.ExampleCount,
                    ["failed"] = new JsonArray([
                        .. failed.Select(f => new JsonObject
                        {
                            ["name"] = f.Name,
                            ["line"] = f.Line,
                            ["reason"] = f.Reason,
                        }),
                    ]),
                }
            );
        }
        else
        {
            foreach (var example in failed)
            {
                output.WriteLine(
                    $"{file}:{example.Line}: {Paint("FAILED", Red)} {example.Name}: {example.Reason}"
                );
            }
            output.WriteLine(
                $"{policy.Id}: {policy.ExampleCount - failed.Count} of {policy.ExampleCount} tests hold."
            );
        }
        return failed.Count > 0 ? Failed : Good;
    }

    private int Explain(List<string> args, bool json)
    {
        var (words, problem) = PolicyWordsReader.Read(args);
        if (words is null)
        {
            return Wrong(problem);
        }
        var policy = words.File.Length > 0 ? Load(words.File, json) : DefaultPolicy.Document;
        if (policy is null)
        {
            return Usage;
        }
        var answer = PolicyExplainer.Explain(policy, words.Question);
        // A rule that speaks at several stages is told once.
        var rulings = answer
            .Stages.SelectMany(s => s.Rulings.Select(r => (s.Stage, Ruling: r)))
            .Where(r => answer.Verdict == Verdict.Allow || r.Ruling.Verdict != Verdict.Allow)
            .DistinctBy(r => (r.Ruling.Rule, r.Ruling.Source, r.Ruling.Verdict))
            .ToList();
        var asking = answer.Stages.Where(s => s.Verdict == Verdict.NeedsApproval).ToList();
        if (json)
        {
            WriteAnswer(policy, answer, rulings, asking);
        }
        else
        {
            output.WriteLine($"policy:  {policy.Id}");
            output.WriteLine(
                answer.Lane.Length > 0
                    ? $"lane:    {answer.Lane} (write: {PolicyWords.Of(answer.Write)})"
                    : "lane:    none"
            );
            output.WriteLine($"verdict: {Shown(answer.Verdict)}");
            foreach (var (stage, ruling) in rulings)
            {
                output.WriteLine(
                    $"  {Shown(ruling.Verdict)} at the {stage} by '{ruling.Rule}' ({ruling.Source}): {ruling.Reason}"
                );
            }
            foreach (var stage in asking)
            {
                var roles =
                    stage.Roles.Count > 0
                        ? " with a role of " + string.Join(", ", stage.Roles)
                        : "";
                output.WriteLine($"  the {stage.Stage} needs {stage.Approvals} yes{roles}");
            }
        }
        return answer.Verdict switch
        {
            Verdict.Deny => Denied,
            Verdict.NeedsApproval => NeedsApproval,
            _ => Good,
        };
    }

    private void WriteAnswer(
        PolicyDocument policy,
        PolicyAnswer answer,
        List<(string Stage, Ruling Ruling)> rulings,
        List<PolicyRuling> asking
    ) =>
        Write(
            new JsonObject
            {
                ["policy"] = policy.Id,
                ["lane"] = answer.Lane,
                ["write"] = PolicyWords.Of(answer.Write),
                ["verdict"] = PolicyWords.Of(answer.Verdict),
                ["rulings"] = new JsonArray([
                    .. rulings.Select(r => new JsonObject
                    {
                        ["stage"] = r.Stage,
                        ["verdict"] = PolicyWords.Of(r.Ruling.Verdict),
                        ["rule"] = r.Ruling.Rule,
                        ["source"] = r.Ruling.Source,
                        ["path"] = r.Ruling.Path,
                        ["reason"] = r.Ruling.Reason,
                    }),
                ]),
                ["asks"] = new JsonArray([
                    .. asking.Select(s => new JsonObject
                    {
                        ["stage"] = s.Stage,
                        ["approvals"] = s.Approvals,
                        ["roles"] = new JsonArray([.. s.Roles.Select(r => JsonValue.Create(r))]),
                    }),
                ]),
            }
        );

    private PolicyDocument? Load(string file, bool json)
    {
        string? text;
        try
        {
            using var stream = File.OpenRead(file);
            if (stream.Length > 2 * PolicyReader.BytesMax)
            {
                error.WriteLine($"{file}: longer than {PolicyReader.BytesMax} bytes.");
                return null;
            }
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            text = TaskFileReader.Decode(bytes);
        }
        catch (Exception e)
            when (e
                    is IOException
                        or UnauthorizedAccessException
                        or ArgumentException
                        or NotSupportedException
            )
        {
            error.WriteLine($"{file}: {e.Message}");
            return null;
        }
        if (text is null)
        {
            error.WriteLine($"{file}: no UTF-8 text. Save it as UTF-8.");
            return null;
        }
        var (policy, problems) = PolicyReader.Read(text, Path.GetFileName(file));
        if (policy is null && json)
        {
            Write(
                new JsonObject
                {
                    ["file"] = file,
                    ["policy"] = null,
                    ["problems"] = new JsonArray([
                        .. problems.Select(p => new JsonObject
                        {
                            ["line"] = p.Line,
                            ["column"] = p.Column,
                            ["message"] = p.Message,
                            ["cure"] = p.Cure,
                        }),
                    ]),
                }
            );
        }
        else if (policy is null)
        {
            foreach (var p in problems)
            {
                output.WriteLine(
                    $"{file}:{p.Line}:{p.Column}: {Paint("error:", Red)} {p.Message}. {p.Cure}".TrimEnd()
                );
            }
            output.WriteLine($"{file}: {problems.Count} problems; it is no policy.");
        }
        return policy;
    }

    private int Wrong(string words)
    {
        error.WriteLine("policy: " + words);
        return Usage;
    }

    private void Write(JsonObject answer) => output.WriteLine(answer.ToJsonString());

    private string Shown(Verdict verdict) =>
        Paint(
            PolicyWords.Of(verdict),
            verdict switch
            {
                Verdict.Deny => Red,
                Verdict.NeedsApproval => Yellow,
                _ => Green,
            }
        );

    private string Paint(string text, int ansi) => colour ? $"\u001b[{ansi}m{text}\u001b[0m" : text;
}
