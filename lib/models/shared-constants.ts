/** Large constants of a template in a store, where the programs for all batch sizes share them, and back again. */
import type { Template, TemplateNode } from '../compiler/template';
import type { TensorType, TypedArray } from '../graph/tensor';
import type { Store } from '../runtime/store';

/** Constants of fewer numbers are part of every program: they may become immediates of fused groups. */
const leastShared = 256;

/** The template with states in place of its large constants, which are written to `store` and sealed. */
export function shareConstants(template: Template, store: Store): Template {
  const pathOf = new Map<TypedArray, string>();
  const shared = (node: TemplateNode): TemplateNode => {
    const { tensor, ...rest } = node;
    if (!tensor) return node;
    const { dtype, shape, data } = tensor;
    if (data.length < leastShared) return { ...node, tensor: { dtype, shape, data: data.slice() } };
    const path = pathOf.get(data) ?? `constant.${pathOf.size}`;
    if (!store.has(path)) {
      store.declare(path, tensor);
      store.write(path, tensor);
      store.seal(path);
      pathOf.set(data, path);
    }
    return { ...rest, op: 'state', attributes: { path, type: { dtype, shape } } };
  };
  return { ...template, nodes: template.nodes.map(shared) };
}

/** The template with its own constants again, copies of what is in `store`. */
export function ownConstants(template: Template, store: Store): Template {
  const owned = (node: TemplateNode): TemplateNode => {
    if (node.op !== 'state') return node;
    const { path, type } = node.attributes as unknown as { path: string; type: TensorType };
    return { ...node, op: 'constant', attributes: {}, tensor: { ...store.read(path), shape: type.shape } };
  };
  return { ...template, nodes: template.nodes.map(owned) };
}
