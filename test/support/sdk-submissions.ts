// What the submissions in test/vectors ask for: the calls of LEIA's SDKs in our words.
import { DOCUMENT as D1, MODEL as M } from './jobs.ts';

const J = '507f191e810c19729de860ed';

export const plainApply = { kind: 'apply', model_id: M, document_ids: [D1], block_processing: false };
export const plainTransform = { kind: 'transform', document_ids: [D1], block_processing: false };

const fullBody = {
  ...plainApply,
  tag: 'tag',
  format_type: 'classification',
  execute_after_id: J,
  page_range: '3:5',
  callback_url: 'http://cb.example/',
  callback_headers: { h: 'v' },
};
const fullText = {
  ...plainTransform,
  execute_after_id: J,
  page_range: '::2',
  callback_url: 'http://cb.example/x',
  output_type: 'text_tree',
};

/**
 * What the SDK's call asked for, by the vector's id. Calls that name a tag beside two documents are told for the first
 * document alone.
 */
export const askedSubmissions: Record<string, object> = {
  'node-0.7.2-004': plainApply,
  // Node escapes nothing within a value: the callback URL ends at its `&`, and the rest of it is a parameter more.
  'node-0.7.2-005': {
    ...plainApply,
    tag: 'my tag',
    page_range: '0,2:5,-2:-1',
    execute_after_id: J,
    callback_url: 'http://cb.example/x?y=1',
    model_params: { z: 'a b', threshold: 0.5, nested: { a: [1] } },
  },
  'node-0.7.2-007': { ...plainTransform, output_type: 'image' },
  'node-0.7.2-008': {
    ...fullText,
    output_type: 'text',
    input_tag: 'in tag',
    output_tag: 'out tag',
    callback_url: 'http://cb.example/x?y=1',
  },
  ...Object.fromEntries(
    ['python-1.1.3', 'python-pydantic1-fa5849e'].flatMap((sdk) =>
      Object.entries({
        '003': plainApply,
        '004': {
          ...plainApply,
          tag: 'mytag',
          format_type: 'classification',
          execute_after_id: J,
          page_range: '0,2:5,-2:-1',
          callback_url: 'http://cb.example/x?y=1',
          model_params: { threshold: '0.5', k: 'v' },
          block_processing: true,
        },
        '005': { ...fullBody, model_params: { a: 1 } },
        '006': { ...plainApply, save_result: true },
        '007': { ...plainTransform, output_type: 'image' },
        '008': { ...fullText, input_tag: 'in', output_tag: 'out', transform_params: { use_google_vision: 'true' } },
        '009': {
          ...plainTransform,
          output_type: 'split',
          input_tag: 'a',
          output_tag: 'b',
          transform_params: { split_size: 500 },
          block_processing: true,
        },
      }).map(([number, request]) => [`${sdk}-${number}`, request]),
    ),
  ),
  'java-1.0.6-002': plainApply,
  'java-1.0.6-003': {
    ...plainApply,
    tag: 'my tag',
    format_type: 'classification',
    execute_after_id: J,
    page_range: '0,2:5,-2:-1',
    callback_url: 'http://cb.example/x?y=1&z=a b',
  },
  'java-1.0.6-004': { ...plainApply, model_params: { threshold: 0.5 } },
  'java-1.0.6-005': { ...fullBody, model_params: { threshold: 0.5, k: 'v' }, block_processing: true },
  'java-1.0.6-006': { ...plainTransform, output_type: 'image' },
  'java-1.0.6-007': { ...fullText, input_tag: 'in tag', output_tag: 'PDF_IMAGES' },
  'java-1.0.6-008': {
    ...plainTransform,
    output_type: 'split',
    input_tag: 'a',
    output_tag: 'b',
    callback_headers: { h: 'v' },
    transform_params: { split_size: 500 },
  },
  'python-1.0.9-002': {
    ...plainApply,
    tag: 'my tag',
    format_type: 'classification',
    execute_after_id: J,
    page_range: '0,2:5,-2:-1',
    callback_url: 'http://cb.example/x?y=1',
    block_processing: true,
  },
  'python-1.0.9-003': { ...plainApply, execute_after_id: J, model_params: { a: 1 }, page_range: '0' },
  'python-1.0.9-004': {
    ...plainTransform,
    output_type: 'image',
    input_tag: 'in',
    output_tag: 'out',
    execute_after_id: J,
    page_range: '::2',
  },
};
