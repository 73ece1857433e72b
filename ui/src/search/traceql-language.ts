import { HighlightStyle, LanguageSupport, LRLanguage, syntaxHighlighting } from '@codemirror/language';
import { parser } from '@grafana/lezer-traceql';
import { styleTags, tags } from '@lezer/highlight';

const language = LRLanguage.define({
  name: 'traceql',
  parser: parser.configure({
    props: [
      styleTags({
        LineComment: tags.comment,
        BlockComment: tags.comment,
        'String HintValue': tags.string,
        'Integer Float Duration': tags.number,
        'IntrinsicField IntrinsicField/...': tags.atom,
        'Event Instrumentation Link Resource Span Parent': tags.namespace,
        'AttributeField/Identifier Identifier': tags.propertyName,
        'FieldOp ComparisonOp ScalarOp And Or Gt Lt Desc Anc Pipe ExperimentalOp UnionStructuralOp': tags.operator,
        'Aggregate GroupOperation SelectOperation CoalesceOperation MetricsOperationBasicType MetricsOverTimeType MetricsAggregatorFunctionType With':
          tags.keyword,
      }),
    ],
  }),
});

const colours = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--text-faint)' },
  { tag: tags.string, color: 'var(--ok)' },
  { tag: tags.number, color: 'var(--warning)' },
  { tag: tags.atom, color: 'var(--accent)' },
  { tag: tags.namespace, color: 'var(--text-soft)' },
  { tag: tags.propertyName, color: 'var(--accent)' },
  { tag: tags.operator, color: 'var(--text-soft)' },
  { tag: tags.keyword, color: 'var(--change)' },
]);

export const traceql = () => new LanguageSupport(language, [syntaxHighlighting(colours)]);
