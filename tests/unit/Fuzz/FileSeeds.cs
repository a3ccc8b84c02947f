namespace Orchestrator.UnitTests.Fuzz;

/// <summary>Files that people write by hand.</summary>
internal static class FileSeeds
{
    private static readonly string[] Heads =
    [
        "type: fix\n",
        "id: example_001\ntype: code_review\npriority: high\n",
        "type: summarize\ncreated: 2025-08-03T16:30:00Z\ncwd: /backend\n",
        "type: analyze\ntimeout_sec: 900\nagent_type: bug_fix\n",
        "id: \"quoted\"\ntype: documentation # a comment\ncwd: 'C:\\src\\app'\n",
        "type: bug_fix\npriority: low\nparent_task_id: example_000\ntemplate_id: x\nunknown: 1\n",
    ];

    private static readonly string[] Bodies =
    [
        "# Retry lost connections\n\n**Target Files:**\n- src/db/pool.cs\n- config\\db.json\n\n**Prompt:**\nFind the cause.\n\n**Success Criteria:**\n- [ ] it recovers\n- [x] tests pass\n\n**Context:**\nSince version 4.\n",
        "# Größe ändern 漢字\n\n**Prompt:**\nChange it.\n---\nNo end of anything.\n",
        "# Only a title\n",
        "\n\nWords before the title\n# T\n**Prompt:**\n```csharp\n# no title\n**Context:** no heading\n```\n",
    ];

    /// <summary>Watched task files.</summary>
    public static IReadOnlyList<string> Tasks { get; } =
    [
        .. from head in Heads from body in Bodies select $"---\n{head}---\n\n{body}",
        "---\r\ntype: fix\r\n---\r\n\r\n# Windows\r\n\r\n**Prompt:**\r\nDo it.\r\n",
        "no frontmatter",
        "---\ntype: fix\n",
    ];

    /// <summary><c>.env</c> files.</summary>
    public static IReadOnlyList<string> Settings { get; } =
    [
        .. from value in (string[])
            [
                "300",
                "'single # quoted'",
                "\"double \\\"quoted\\\" \\n\" # comment",
                "C:\\Users\\ann\\src",
                "",
                "http://127.0.0.1:11434/v1",
                "$(id) `id` $HOME",
            ]
        from name in (string[])
            ["CLAUDE_TIMEOUT_SEC", "export LLAMA_BASE_URL ", "MAX_CONCURRENT_TASKS"]
        select $"# settings\n{name}={value}\nMAX_QUEUE_SIZE=50\r\nORCHESTRATOR_URL=http://127.0.0.1:5140\n",
        "\uFEFFCLAUDE_ALLOWED_ROOT=/home/ann/src\nCLAUDE_BASE_CWD=/home/ann/src/app\n",
        "NO EQUALS\n=x\n1A=x\nA='open\n",
    ];
}
