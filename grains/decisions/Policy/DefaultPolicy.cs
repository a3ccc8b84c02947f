namespace Orchestrator.Decisions.Policy;

/// <summary>The policy in force while none was set.</summary>
public static class DefaultPolicy
{
    /// <summary>What its rulings call the file.</summary>
    public const string FileName = "default.yaml";

    private static readonly Lazy<(string Text, PolicyDocument Policy)> Loaded = new(Load);

    /// <summary>Its text.</summary>
    public static string Text => Loaded.Value.Text;

    /// <summary>It, read.</summary>
    public static PolicyDocument Document => Loaded.Value.Policy;

    private static (string, PolicyDocument) Load()
    {
        using var stream = typeof(DefaultPolicy).Assembly.GetManifestResourceStream(
            "policy/" + FileName
        )!;
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        var (policy, problems) = PolicyReader.Read(text, FileName);
        return policy is null
            ? throw new InvalidOperationException($"The built-in policy: {problems[0]}")
            : (text, policy);
    }
}
